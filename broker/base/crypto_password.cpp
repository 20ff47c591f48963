#include "broker/base/crypto_password.h"

#include <sodium.h>

#include "broker/base/check.h"

namespace relais::base {

namespace {
constexpr auto kRounds = crypto_pwhash_OPSLIMIT_INTERACTIVE;
constexpr auto kMemory = crypto_pwhash_MEMLIMIT_INTERACTIVE;
constexpr std::string_view kArgon2id = "$argon2id$";
}  // namespace

std::string password_hash(std::string_view password) {
  std::string kept(crypto_pwhash_STRBYTES, '\0');
  check(crypto_pwhash_str(kept.data(), password.data(), password.size(), kRounds, kMemory) == 0,
        "there is memory for a password's hash");
  kept.resize(kept.find('\0'));
  return kept;
}

bool is_password_hash(std::string_view text) {
  // The cost stands in the text: a file changed by hand could otherwise ask for all memory that there is.
  return text.starts_with(kArgon2id) && text.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_needs_rehash(std::string(text).c_str(), kRounds, kMemory) == 0;
}

bool password_matches(const std::string& kept, std::string_view password) {
  return is_password_hash(kept) && crypto_pwhash_str_verify(kept.c_str(), password.data(), password.size()) == 0;
}

}  // namespace relais::base
