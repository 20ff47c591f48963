// The second factor: six digits of a telephone that change every half minute (RFC 6238). The one wall before liboath.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/clock.h"

namespace relais::access {

/// 20 random bytes as base32.
std::string new_totp_secret();
bool is_totp_secret(const std::string& base32);

/// What a telephone scans or is given: "otpauth://totp/Relais:NAME?secret=...".
std::string totp_address(std::string_view account, std::string_view base32);

/// The half minute whose code this is: now, the one before or the one after, for clocks differ. Whoever asks refuses a
/// half minute that was used already: a code is good once.
std::optional<std::uint64_t> totp_step(const std::string& base32, const std::string& code, base::Instant now);

}  // namespace relais::access
