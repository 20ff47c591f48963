// What a provider of identities says of somebody: checked, and turned into a person with a role.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "broker/access/provider_config.h"
#include "broker/access/role.h"
#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::access {

/// OpenID Connect Core 3.1.3.7: issuer, audience, authorised party, times, nonce, and the acr that was asked for.
/// LoginFault::untrusted, expired or too_weak.
base::Status check_id_token(const nlohmann::json& claims, const ProviderConfig& config, std::string_view nonce,
                            base::Instant now);

/// Adds what the userinfo endpoint said to the claims of the ID token, which stay as they are. LoginFault::untrusted
/// when it speaks of somebody else, or to somebody else; expired.
base::Status add_user_info(nlohmann::json& claims, const nlohmann::json& said, const ProviderConfig& config,
                           base::Instant now);

/// LoginFault::no_role when no rule fits; nameless.
base::Result<Person> person_of(const nlohmann::json& claims, const ProviderConfig& config);

/// The text of that name; empty when there is none.
std::string text_of(const nlohmann::json& object, std::string_view name);

}  // namespace relais::access
