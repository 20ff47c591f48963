#include <sodium.h>

#include "broker/base/crypto.h"
#include "broker/base/crypto_raw.h"

namespace relais::base {

Hash hash(std::string_view part) { return hash(part, {}); }

Hash hash(std::string_view first, std::string_view second) {
  Hash result{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, result.size());
  crypto_generichash_update(&state, raw(first), first.size());
  crypto_generichash_update(&state, raw(second), second.size());
  crypto_generichash_final(&state, result.data(), result.size());
  return result;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  // Hashes have one length, so that the time tells neither the content nor where the lengths part.
  const Hash left = hash(a);
  const Hash right = hash(b);
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace relais::base
