// Signed JWTs (RFC 7515, RFC 7519), verified with the keys that their maker publishes. The one wall before cjose.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "broker/base/result.h"

namespace relais::access {

/// The claims in `jwt`, a JWS in compact form signed by RS256 or ES256 with one of `keys`, a JWK set (RFC 7517).
/// LoginFault::untrusted with the reason.
base::Result<nlohmann::json> verified_claims(std::string_view jwt, const nlohmann::json& keys);

}  // namespace relais::access
