#include "broker/base/crypto_hmac.h"

#include <sodium.h>

#include "broker/base/crypto_raw.h"

namespace relais::base {

static_assert(crypto_auth_hmacsha256_BYTES == kHashBytes);

Hash hmac_sha256(std::string_view key, std::string_view message) {
  Hash result{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, raw(key), key.size());
  crypto_auth_hmacsha256_update(&state, raw(message), message.size());
  crypto_auth_hmacsha256_final(&state, result.data());
  sodium_memzero(&state, sizeof state);
  return result;
}

}  // namespace relais::base
