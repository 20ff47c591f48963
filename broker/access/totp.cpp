#include "broker/access/totp.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <liboath/oath.h>

#include "broker/base/check.h"
#include "broker/base/crypto.h"

namespace relais::access {

namespace {

constexpr std::size_t kSecretBytes = 20;
constexpr std::size_t kDigits = 6;
constexpr unsigned kStepSeconds = 30;
constexpr std::size_t kStepsAround = 1;

void use_library() {
  static const bool ready = oath_init() == OATH_OK;
  base::check(ready, "liboath starts");
}

using Bytes = std::unique_ptr<char, decltype(&std::free)>;

/// Empty when it is not base32.
std::string decoded(const std::string& base32) {
  use_library();
  char* out = nullptr;
  std::size_t size = 0;
  if (oath_base32_decode(base32.data(), base32.size(), &out, &size) != OATH_OK) return {};
  const Bytes owner(out, std::free);
  return {out, size};
}

}  // namespace

std::string new_totp_secret() {
  use_library();
  auto secret = base::random_bytes(kSecretBytes);
  char* out = nullptr;
  std::size_t size = 0;
  base::check(oath_base32_encode(secret.data(), secret.size(), &out, &size) == OATH_OK, "bytes become base32");
  const Bytes owner(out, std::free);
  base::wipe(secret);
  return {out, size};
}

bool is_totp_secret(const std::string& base32) {
  auto secret = decoded(base32);
  const bool long_enough = secret.size() >= kSecretBytes;
  base::wipe(secret);
  return long_enough;
}

std::string totp_address(std::string_view account, std::string_view base32) {
  return fmt::format("otpauth://totp/Relais:{}?secret={}&issuer=Relais&algorithm=SHA1&digits={}&period={}", account,
                     base32, kDigits, kStepSeconds);
}

std::optional<std::uint64_t> totp_step(const std::string& base32, const std::string& code, base::Instant now) {
  const bool digits = std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  if (code.size() != kDigits || !digits) return std::nullopt;
  auto secret = decoded(base32);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  int position = 0;
  std::uint64_t step = 0;
  const int found = oath_totp_validate3(secret.data(), secret.size(), static_cast<time_t>(seconds), kStepSeconds, 0,
                                        kStepsAround, &position, &step, code.c_str());
  base::wipe(secret);
  if (found < 0) return std::nullopt;
  return step;
}

}  // namespace relais::access
