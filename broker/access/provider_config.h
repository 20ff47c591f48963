// A provider of identities by OpenID Connect: [access.provider] in relaisd.toml.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/access/role.h"

namespace relais::base {
class TableReader;
}

namespace relais::access {

/// Whoever has this claim with this value has this role. Of a claim that is a list, one of its values.
struct RoleRule {
  std::string claim;
  std::string value;
  Role role = Role::observer;
  std::string institution;  // of a partner
};

struct ProviderConfig {
  std::string issuer;  // "https://idp.example.org/town": what its discovery document says of itself, to the letter
  std::string name;    // on the console's button
  std::string client_id;
  std::filesystem::path client_secret_file;
  std::vector<std::string> scopes = {"openid", "email"};
  std::vector<std::string> acr_values;  // asked for, and one of them has to come back; empty: any
  std::string name_claim = "email";     // what actions in the journal bear
  std::filesystem::path ca_file;        // of a private authority; empty: those of the system
  std::vector<RoleRule> roles;          // the first that fits
};

/// Paths are relative to `folder`. The client's secret is read to see whether it can be, and not kept.
ProviderConfig read_provider(base::TableReader& table, const std::filesystem::path& folder);

}  // namespace relais::access
