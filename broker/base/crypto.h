// The one wall before libsodium: hashing, signing, sealing, keys. Pure functions but for the two that draw randomness.
//
// Threads: any. Errors: a Refusal, never an exception. Call crypto_init() once before anything else.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "broker/base/result.h"

#include "relais/v1/envelope.pb.h"

namespace relais::base {

inline constexpr std::size_t kHashBytes = 32;
inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

using Hash = std::array<unsigned char, kHashBytes>;
using Signature = std::array<unsigned char, kSignatureBytes>;
using PublicKeyBytes = std::array<unsigned char, kKeyBytes>;

/// 32 secret bytes, wiped when they go out of life. Not copyable by accident: copies are named.
class SecretKey {
 public:
  SecretKey() = default;
  explicit SecretKey(std::span<const unsigned char, kKeyBytes> bytes);
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey();

  [[nodiscard]] SecretKey copy() const { return SecretKey(bytes_); }
  [[nodiscard]] std::span<const unsigned char, kKeyBytes> bytes() const { return bytes_; }

 private:
  std::array<unsigned char, kKeyBytes> bytes_{};
};

/// For a signing pair the secret is the 32-byte seed of Ed25519.
struct KeyPair {
  PublicKeyBytes public_key{};
  SecretKey secret;
};

void crypto_init();

/// From the system's generator.
std::string random_bytes(std::size_t count);

/// Overwrites a text that held a secret, then empties it.
void wipe(std::string& text);

KeyPair new_transport_pair();  // CURVE: Curve25519
KeyPair new_signing_pair();    // Ed25519
KeyPair new_sealing_pair();    // X25519
/// The public half that belongs to a secret of that kind.
PublicKeyBytes transport_public(const SecretKey& secret);
PublicKeyBytes signing_public(const SecretKey& seed);
PublicKeyBytes sealing_public(const SecretKey& secret);

/// BLAKE2b-256 of the parts one after another, without separators.
Hash hash(std::string_view part);
Hash hash(std::string_view first, std::string_view second);

inline std::string_view view(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What is signed is a domain ("relais.v1.envelope") followed by the bytes, so that no signature serves two purposes.
inline constexpr std::string_view kEnvelopeDomain = "relais.v1.envelope";
inline constexpr std::string_view kNetworkDomain = "relais.v1.network";
inline constexpr std::string_view kChainDomain = "relais.v1.chain";

/// Ed25519, deterministic.
class Signer {
 public:
  explicit Signer(const SecretKey& seed);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  [[nodiscard]] Signature sign(std::string_view domain, std::string_view bytes) const;

 private:
  std::array<unsigned char, 64> expanded_{};
};

bool verify(const PublicKeyBytes& key, std::string_view domain, std::string_view bytes, std::string_view signature);

/// Key agreement between one sealing secret and one public key, computed once and reused (61 us against 2).
class SharedKey {
 public:
  /// key.invalid when the public key is a weak point.
  static Result<SharedKey> agree(const SecretKey& mine, const PublicKeyBytes& theirs);
  [[nodiscard]] std::span<const unsigned char, kKeyBytes> bytes() const { return bytes_.bytes(); }

 private:
  SecretKey bytes_;
};

/// A compartment with the key that opens it, until it is wrapped for every recipient.
struct SealedContent {
  v1::Compartment compartment;
  SecretKey key;
};

/// Seals `content` (a serialised message of content.proto) under a fresh key; add_wrap() for each recipient.
SealedContent seal(std::string_view message_id, v1::Category category, std::string_view content);
void add_wrap(SealedContent& sealed, std::string_view recipient, std::string_view recipient_key,
              std::string_view sender_key, const SharedKey& shared);

/// compartment.malformed (field) when a size or the category is wrong.
/// compartment.does_not_open when the wrap or the content fails to authenticate, or belongs to another message.
Result<std::string> open(const v1::Compartment& compartment, std::string_view message_id, const v1::Wrap& wrap,
                         const SharedKey& shared);

/// The time it takes tells nothing of where the two differ. Lengths may differ.
bool equal_secrets(std::string_view a, std::string_view b);

/// RFC 4648, standard alphabet, with padding. Reading is strict; `input.invalid` never shows the text.
std::string base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

/// ZeroMQ's text of a CURVE key (RFC 32): 40 characters for 32 bytes. The size of `bytes` is a multiple of four.
std::string z85(std::string_view bytes);
Result<std::string> from_z85(std::string_view text);

}  // namespace relais::base
