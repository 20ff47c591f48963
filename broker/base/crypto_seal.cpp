#include <algorithm>
#include <sodium.h>

#include "broker/base/crypto.h"
#include "broker/base/crypto_raw.h"

namespace relais::base {

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kSealedKeyBytes = kKeyBytes + crypto_box_MACBYTES;
static_assert(kNonceBytes == 24 && crypto_box_NONCEBYTES == 24);
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES && kKeyBytes == crypto_box_BEFORENMBYTES);
static_assert(kSealedKeyBytes == 48);

std::string associated_data(std::string_view message_id, v1::Category category) {
  std::string data(message_id);
  data += static_cast<char>(category);
  return data;
}

/// "health" for CATEGORY_HEALTH.
std::string word_of(v1::Category category) {
  std::string word = v1::Category_Name(category).substr(std::string_view("CATEGORY_").size());
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return word;
}

Refusal does_not_open(v1::Category category) {
  return refuse(RefusalCode::compartment_does_not_open, {}, {{"category", word_of(category)}});
}

Status check_sizes(const v1::Compartment& compartment, const v1::Wrap& wrap) {
  const auto malformed = [](std::string field) { return refuse(RefusalCode::compartment_malformed, std::move(field)); };
  if (!v1::Category_IsValid(compartment.category()) || compartment.category() == v1::CATEGORY_UNSPECIFIED)
    return malformed("category");
  if (compartment.nonce().size() != kNonceBytes) return malformed("nonce");
  if (compartment.ciphertext().size() < kTagBytes) return malformed("ciphertext");
  if (wrap.nonce().size() != kNonceBytes) return malformed("wraps.nonce");
  if (wrap.sealed_key().size() != kSealedKeyBytes) return malformed("wraps.sealed_key");
  return Done{};
}

}  // namespace

Result<SharedKey> SharedKey::agree(const SecretKey& mine, const PublicKeyBytes& theirs) {
  std::array<unsigned char, kKeyBytes> bytes{};
  if (crypto_box_beforenm(bytes.data(), theirs.data(), mine.bytes().data()) != 0)
    return refuse(RefusalCode::key_invalid, {}, {{"why", "weak public key"}});
  SharedKey shared;
  shared.bytes_ = SecretKey(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return shared;
}

SealedContent seal(std::string_view message_id, v1::Category category, std::string_view content) {
  std::array<unsigned char, kKeyBytes> fresh{};
  randombytes_buf(fresh.data(), fresh.size());
  SealedContent sealed{{}, SecretKey(fresh)};
  sodium_memzero(fresh.data(), fresh.size());

  const std::string nonce = random_bytes(kNonceBytes);
  const std::string data = associated_data(message_id, category);
  std::string ciphertext(content.size() + kTagBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(ciphertext), nullptr, raw(content), content.size(), raw(data),
                                             data.size(), nullptr, raw(std::string_view(nonce)),
                                             sealed.key.bytes().data());
  sealed.compartment.set_category(category);
  sealed.compartment.set_nonce(nonce);
  sealed.compartment.set_ciphertext(std::move(ciphertext));
  return sealed;
}

void add_wrap(SealedContent& sealed, std::string_view recipient, std::string_view recipient_key,
              std::string_view sender_key, const SharedKey& shared) {
  const std::string nonce = random_bytes(kNonceBytes);
  std::string sealed_key(kSealedKeyBytes, '\0');
  const int made = crypto_box_easy_afternm(raw(sealed_key), sealed.key.bytes().data(), kKeyBytes,
                                           raw(std::string_view(nonce)), shared.bytes().data());
  check(made == 0, "a key of 32 bytes can be wrapped");
  v1::Wrap& wrap = *sealed.compartment.add_wraps();
  wrap.set_recipient(std::string(recipient));
  wrap.set_recipient_key(std::string(recipient_key));
  wrap.set_sender_key(std::string(sender_key));
  wrap.set_nonce(nonce);
  wrap.set_sealed_key(std::move(sealed_key));
}

Result<std::string> open(const v1::Compartment& compartment, std::string_view message_id, const v1::Wrap& wrap,
                         const SharedKey& shared) {
  if (const auto sizes = check_sizes(compartment, wrap); !sizes) return sizes.refusal();

  std::array<unsigned char, kKeyBytes> unwrapped{};
  if (crypto_box_open_easy_afternm(unwrapped.data(), raw(wrap.sealed_key()), kSealedKeyBytes, raw(wrap.nonce()),
                                   shared.bytes().data()) != 0)
    return does_not_open(compartment.category());
  const SecretKey key(unwrapped);
  sodium_memzero(unwrapped.data(), unwrapped.size());

  const std::string data = associated_data(message_id, compartment.category());
  std::string content(compartment.ciphertext().size() - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(raw(content), nullptr, nullptr, raw(compartment.ciphertext()),
                                                 compartment.ciphertext().size(), raw(data), data.size(),
                                                 raw(compartment.nonce()), key.bytes().data()) != 0)
    return does_not_open(compartment.category());
  return content;
}

}  // namespace relais::base
