// Whose signature is believed: RS256 and ES256, by keys that the provider publishes, and nothing that only looks like
// it.
#include "broker/access/jws.h"

#include <memory>

#include <cjose/cjose.h>
#include <gtest/gtest.h>

namespace relais::access {
namespace {

using nlohmann::json;

struct Release {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
  void operator()(char* text) const { free(text); }
};

class Key {
 public:
  explicit Key(cjose_jwk_t* made) : key_(made) {}
  static Key rsa(std::size_t bits) {
    return Key(cjose_jwk_create_RSA_random(bits, kExponent, sizeof kExponent, nullptr));
  }
  static Key ec(cjose_jwk_ec_curve curve) { return Key(cjose_jwk_create_EC_random(curve, nullptr)); }
  static Key secret(const std::string& bytes) {
    return Key(cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), nullptr));
  }

  /// As its owner publishes it.
  [[nodiscard]] json published(const json& more = json::object()) const {
    const std::unique_ptr<char, Release> text(cjose_jwk_to_json(key_.get(), false, nullptr));
    auto key = json::parse(text.get());
    key.update(more);
    return key;
  }

  [[nodiscard]] std::string sign(const std::string& text, const json& header) const {
    const std::unique_ptr<cjose_header_t, Release> made(cjose_header_new(nullptr));
    for (const auto& [name, value] : header.items())
      EXPECT_TRUE(value.is_string()
                      ? cjose_header_set(made.get(), name.c_str(), value.get<std::string>().c_str(), nullptr)
                      : cjose_header_set_raw(made.get(), name.c_str(), value.dump().c_str(), nullptr));
    const std::unique_ptr<cjose_jws_t, Release> jws(cjose_jws_sign(
        key_.get(), made.get(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), nullptr));
    const char* written = nullptr;
    EXPECT_TRUE(jws && cjose_jws_export(jws.get(), &written, nullptr));
    return written == nullptr ? "" : written;
  }

 private:
  static constexpr std::uint8_t kExponent[] = {1, 0, 1};
  std::unique_ptr<cjose_jwk_t, Release> key_;
};

constexpr const char* kClaims = R"({"sub":"1"})";

std::string fault_of(const std::string& jwt, const json& keys) {
  const auto claims = verified_claims(jwt, keys);
  if (!claims) return claims.refusal().facts.front().second;
  return claims->dump() == kClaims ? "" : claims->dump();
}

json set_of(const std::vector<json>& keys) { return {{"keys", keys}}; }

// RFC 7515, appendix A.3.
constexpr const char* kRfcJws =
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const json kRfcKey = {{"kty", "EC"},
                      {"crv", "P-256"},
                      {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                      {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};

TEST(Jws, of_the_rfc_is_read) {
  const auto claims = verified_claims(kRfcJws, set_of({kRfcKey}));
  ASSERT_TRUE(claims) << claims.refusal().english();
  EXPECT_EQ((*claims)["iss"], "joe");
  EXPECT_EQ((*claims)["exp"], 1'300'819'380);
}

TEST(Jws, is_believed_when_a_published_key_signed_it) {
  const auto rsa = Key::rsa(2048), other = Key::rsa(2048);
  const auto ec = Key::ec(CJOSE_JWK_EC_P_256);
  const auto keys = set_of({{{"kty", "unheard-of"}},
                            other.published({{"kid", "old"}}),
                            rsa.published({{"kid", "new"}, {"use", "sig"}, {"alg", "RS256"}}),
                            ec.published({{"kid", "curve"}})});
  const auto by_rsa = rsa.sign(kClaims, {{"alg", "RS256"}, {"kid", "new"}});
  EXPECT_EQ(fault_of(by_rsa, keys), "");
  EXPECT_EQ(fault_of(rsa.sign(kClaims, {{"alg", "RS256"}}), keys), "") << "which key is not said: all are tried";
  EXPECT_EQ(fault_of(ec.sign(kClaims, {{"alg", "ES256"}, {"kid", "curve"}}), keys), "");
  const auto wrong = "the signature of a JWT is wrong", none = "the provider publishes no key for this JWT";
  EXPECT_EQ(fault_of(other.sign(kClaims, {{"alg", "RS256"}, {"kid", "new"}}), keys), wrong);
  auto changed = by_rsa;
  changed[changed.find('.') + 5] ^= 1;
  EXPECT_EQ(fault_of(changed, keys), wrong);
  EXPECT_EQ(fault_of(by_rsa, set_of({rsa.published({{"kid", "other"}})})), none);
  EXPECT_EQ(fault_of(by_rsa, set_of({rsa.published({{"use", "enc"}})})), none);
  EXPECT_EQ(fault_of(by_rsa, set_of({rsa.published({{"alg", "RS512"}})})), none);
  EXPECT_EQ(fault_of(by_rsa, set_of({ec.published()})), none);
  EXPECT_EQ(fault_of(by_rsa, set_of({})), none);
  EXPECT_EQ(fault_of(by_rsa, json::object()), "the provider publishes no keys");
}

TEST(Jws, with_a_weak_or_a_foreign_kind_of_signature_is_not_believed) {
  const auto rsa = Key::rsa(2048), small = Key::rsa(1024);
  const auto p384 = Key::ec(CJOSE_JWK_EC_P_384);
  const auto keys = set_of({rsa.published(), small.published(), p384.published()});
  const auto foreign = "a JWT signed by neither RS256 nor ES256";
  EXPECT_EQ(fault_of(rsa.sign(kClaims, {{"alg", "RS384"}}), keys), foreign);
  EXPECT_EQ(fault_of(rsa.sign(kClaims, {{"alg", "PS256"}}), keys), foreign);
  // The public key, which everybody has, taken for a shared secret.
  EXPECT_EQ(fault_of(Key::secret(rsa.published().dump()).sign(kClaims, {{"alg", "HS256"}}), keys), foreign);
  EXPECT_EQ(fault_of("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", keys), foreign);
  EXPECT_EQ(fault_of(rsa.sign(kClaims, {{"alg", "RS256"}, {"crit", {"b64"}}}), keys),
            "a JWT with an extension that has to be understood");
  EXPECT_EQ(fault_of(small.sign(kClaims, {{"alg", "RS256"}}), set_of({small.published()})),
            "the provider publishes no key for this JWT");
  EXPECT_EQ(fault_of(p384.sign(kClaims, {{"alg", "ES384"}}), keys), foreign);
}

TEST(Jws, that_is_none_is_told) {
  const auto rsa = Key::rsa(2048);
  const auto keys = set_of({rsa.published()});
  for (const char* wrong : {"", "a.b", "a.b.c", "..", "a.b.c.d", "e30.e30.e30", "\xff\xff.\xff.\xff"})
    EXPECT_NE(fault_of(wrong, keys), "") << wrong;
  EXPECT_EQ(fault_of(rsa.sign("[1]", {{"alg", "RS256"}}), keys), "a JWT without claims");
  EXPECT_EQ(fault_of(rsa.sign("{", {{"alg", "RS256"}}), keys), "a JWT without claims");
}

}  // namespace
}  // namespace relais::access
