#include "broker/access/jws.h"

#include <cstdlib>
#include <memory>
#include <string>

#include <cjose/cjose.h>

#include "broker/access/login_fault.h"

namespace relais::access {

namespace {

using nlohmann::json;

constexpr std::size_t kRsaBitsLeast = 2048;  // RFC 7518, 3.3

struct Release {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  void operator()(char* text) const { std::free(text); }
};
using Jws = std::unique_ptr<cjose_jws_t, Release>;
using Jwk = std::unique_ptr<cjose_jwk_t, Release>;

base::Refusal untrusted(const char* why) { return refuse_login(LoginFault::untrusted, why); }

/// What a JWS says of itself before anybody knows whether it is true.
struct Header {
  std::string algorithm;
  std::string key_id;  // may be empty
  bool critical = false;
};

Header header_of(const Jws& jws) {
  auto* const header = cjose_jws_get_protected(jws.get());
  const auto text = [&](const char* name) {
    const char* const found = cjose_header_get(header, name, nullptr);
    return std::string(found == nullptr ? "" : found);
  };
  const std::unique_ptr<char, Release> critical(cjose_header_get_raw(header, "crit", nullptr));
  return {text(CJOSE_HDR_ALG), text(CJOSE_HDR_KID), critical != nullptr};
}

/// Absent, or this.
bool may_be(const json& key, const char* name, std::string_view value) {
  const auto found = key.find(name);
  return found == key.end() || *found == value;
}

/// The key, when it is one for signatures by this algorithm.
Jwk key_for(const Header& header, const json& key) {
  if (!key.is_object() || !may_be(key, "use", "sig") || !may_be(key, "alg", header.algorithm) ||
      (!header.key_id.empty() && !may_be(key, "kid", header.key_id)))
    return nullptr;
  const auto text = key.dump();
  Jwk read(cjose_jwk_import(text.data(), text.size(), nullptr));
  if (!read) return nullptr;
  const auto kind = cjose_jwk_get_kty(read.get(), nullptr);
  const bool fits = header.algorithm == CJOSE_HDR_ALG_RS256
                        ? kind == CJOSE_JWK_KTY_RSA && cjose_jwk_get_keysize(read.get(), nullptr) >= kRsaBitsLeast
                        : kind == CJOSE_JWK_KTY_EC && cjose_jwk_EC_get_curve(read.get(), nullptr) == CJOSE_JWK_EC_P_256;
  return fits ? std::move(read) : nullptr;
}

base::Result<json> claims_in(const Jws& jws) {
  std::uint8_t* bytes = nullptr;  // stays the library's
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) return untrusted("a JWT without claims");
  auto claims = json::parse(bytes, bytes + size, nullptr, false);
  if (!claims.is_object()) return untrusted("a JWT without claims");
  return claims;
}

}  // namespace

base::Result<json> verified_claims(std::string_view jwt, const json& keys) {
  const Jws jws(cjose_jws_import(jwt.data(), jwt.size(), nullptr));
  if (!jws) return untrusted("no signed JWT");
  const auto header = header_of(jws);
  // An algorithm that the token chooses freely may be none, or take a public key for a shared secret.
  if (header.algorithm != CJOSE_HDR_ALG_RS256 && header.algorithm != CJOSE_HDR_ALG_ES256)
    return untrusted("a JWT signed by neither RS256 nor ES256");
  if (header.critical) return untrusted("a JWT with an extension that has to be understood");
  const auto list = keys.find("keys");
  if (list == keys.end() || !list->is_array()) return untrusted("the provider publishes no keys");
  bool fitted = false;
  for (const auto& one : *list) {
    const auto key = key_for(header, one);
    if (!key) continue;
    if (cjose_jws_verify(jws.get(), key.get(), nullptr)) return claims_in(jws);
    fitted = true;
  }
  return untrusted(fitted ? "the signature of a JWT is wrong" : "the provider publishes no key for this JWT");
}

}  // namespace relais::access
