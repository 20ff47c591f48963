#include "broker/base/crypto_sha256.h"

#include <sodium.h>

namespace relais::base {

static_assert(crypto_hash_sha256_BYTES == kHashBytes);

Hash sha256(std::string_view bytes) {
  Hash result{};
  crypto_hash_sha256(result.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return result;
}

}  // namespace relais::base
