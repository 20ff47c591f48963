#include <algorithm>
#include <sodium.h>

#include "broker/base/crypto.h"

namespace relais::base {

static_assert(kKeyBytes == crypto_box_PUBLICKEYBYTES && kKeyBytes == crypto_box_SECRETKEYBYTES);
static_assert(kKeyBytes == crypto_sign_PUBLICKEYBYTES && kKeyBytes == crypto_sign_SEEDBYTES);

void crypto_init() { check(sodium_init() >= 0, "libsodium starts"); }

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

SecretKey::SecretKey(std::span<const unsigned char, kKeyBytes> bytes) { std::ranges::copy(bytes, bytes_.begin()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    sodium_memzero(other.bytes_.data(), other.bytes_.size());
  }
  return *this;
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

namespace {

SecretKey random_secret() {
  std::array<unsigned char, kKeyBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  SecretKey secret(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

PublicKeyBytes curve25519_public(const SecretKey& secret) {
  PublicKeyBytes key{};
  check(crypto_scalarmult_base(key.data(), secret.bytes().data()) == 0, "a Curve25519 secret has a public half");
  return key;
}

}  // namespace

PublicKeyBytes transport_public(const SecretKey& secret) { return curve25519_public(secret); }
PublicKeyBytes sealing_public(const SecretKey& secret) { return curve25519_public(secret); }

PublicKeyBytes signing_public(const SecretKey& seed) {
  PublicKeyBytes key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> expanded{};
  check(crypto_sign_seed_keypair(key.data(), expanded.data(), seed.bytes().data()) == 0, "a seed has a public half");
  sodium_memzero(expanded.data(), expanded.size());
  return key;
}

KeyPair new_transport_pair() {
  SecretKey secret = random_secret();
  return {transport_public(secret), std::move(secret)};
}

KeyPair new_signing_pair() {
  SecretKey seed = random_secret();
  return {signing_public(seed), std::move(seed)};
}

KeyPair new_sealing_pair() {
  SecretKey secret = random_secret();
  return {sealing_public(secret), std::move(secret)};
}

}  // namespace relais::base
