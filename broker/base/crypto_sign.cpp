#include <sodium.h>

#include "broker/base/crypto.h"
#include "broker/base/crypto_raw.h"

namespace relais::base {

static_assert(kSignatureBytes == crypto_sign_BYTES);

namespace {

std::string prefixed(std::string_view domain, std::string_view bytes) {
  std::string whole;
  whole.reserve(domain.size() + bytes.size());
  whole += domain;
  whole += bytes;
  return whole;
}

}  // namespace

Signer::Signer(const SecretKey& seed) {
  PublicKeyBytes key{};
  check(crypto_sign_seed_keypair(key.data(), expanded_.data(), seed.bytes().data()) == 0, "a seed makes a signer");
}

Signer::~Signer() { sodium_memzero(expanded_.data(), expanded_.size()); }

Signature Signer::sign(std::string_view domain, std::string_view bytes) const {
  Signature signature{};
  const std::string whole = prefixed(domain, bytes);
  crypto_sign_detached(signature.data(), nullptr, raw(whole), whole.size(), expanded_.data());
  return signature;
}

bool verify(const PublicKeyBytes& key, std::string_view domain, std::string_view bytes, std::string_view signature) {
  if (signature.size() != kSignatureBytes) return false;
  const std::string whole = prefixed(domain, bytes);
  return crypto_sign_verify_detached(raw(signature), raw(whole), whole.size(), key.data()) == 0;
}

}  // namespace relais::base
