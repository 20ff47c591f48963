// The message authentication of other people's protocols; our own use Ed25519.
#pragma once

#include <string_view>

#include "broker/base/crypto.h"

namespace relais::base {

/// HMAC-SHA256 (RFC 2104). A key of any length.
Hash hmac_sha256(std::string_view key, std::string_view message);

}  // namespace relais::base
