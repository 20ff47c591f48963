// Values in this file were computed with PyNaCl and hashlib: adapters in Python must agree with us to the byte.
#include "broker/base/crypto.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "broker/base/ids.h"

namespace relais::base {
namespace {

SecretKey secret_from(unsigned char first) {
  std::array<unsigned char, kKeyBytes> bytes{};
  for (auto& byte : bytes) byte = first++;
  return SecretKey(bytes);
}

std::string counted_id() { return *unhex("000102030405060708090a0b0c0d0e0f"); }

class Crypto : public testing::Test {
 protected:
  static void SetUpTestSuite() { crypto_init(); }
  Result<SharedKey> sender_side_ = SharedKey::agree(secret_from(0), sealing_public(secret_from(32)));
  Result<SharedKey> recipient_side_ = SharedKey::agree(secret_from(32), sealing_public(secret_from(0)));
};

TEST_F(Crypto, derives_the_same_public_halves_as_others) {
  EXPECT_EQ(hex(view(transport_public(secret_from(0)))),
            "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
  EXPECT_EQ(hex(view(sealing_public(secret_from(32)))),
            "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254");
  EXPECT_EQ(hex(view(signing_public(secret_from(0)))),
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
}

TEST_F(Crypto, makes_pairs_whose_halves_belong_together) {
  const auto transport = new_transport_pair();
  const auto signing = new_signing_pair();
  const auto sealing = new_sealing_pair();
  EXPECT_EQ(transport_public(transport.secret), transport.public_key);
  EXPECT_EQ(signing_public(signing.secret), signing.public_key);
  EXPECT_EQ(sealing_public(sealing.secret), sealing.public_key);
  EXPECT_NE(new_sealing_pair().public_key, sealing.public_key);
}

TEST_F(Crypto, empties_a_secret_that_was_moved_away) {
  SecretKey first = secret_from(1);
  const SecretKey second = std::move(first);
  EXPECT_TRUE(
      std::ranges::all_of(first.bytes(), [](unsigned char b) { return b == 0; }));  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.bytes()[0], 1);
  EXPECT_EQ(second.copy().bytes()[31], 32);
}

TEST_F(Crypto, hashes_with_blake2b_256) {
  EXPECT_EQ(hex(view(hash("relais"))), "accff219d3d684558f0b34522401dcdd8f538b1837344c8a747e07a6e429aa06");
  EXPECT_EQ(hash("rel", "ais"), hash("relais"));
}

TEST_F(Crypto, signs_the_domain_and_the_bytes) {
  const Signer signer(secret_from(0));
  const auto signature = signer.sign(kEnvelopeDomain, "bytes");
  EXPECT_EQ(
      hex(view(signature)),
      "b859ef89425545cc5171b2ce50759ee36b5f1219168bab60dd60cb30c9255d3b61929c8f9d3f493f29739670ae331492b36facbba7908"
      "fcae6353083317c7c06");
  const auto key = signing_public(secret_from(0));
  EXPECT_TRUE(verify(key, kEnvelopeDomain, "bytes", view(signature)));
  EXPECT_FALSE(verify(key, kNetworkDomain, "bytes", view(signature)));
  EXPECT_FALSE(verify(key, kEnvelopeDomain, "bytez", view(signature)));
  EXPECT_FALSE(verify(signing_public(secret_from(1)), kEnvelopeDomain, "bytes", view(signature)));
  EXPECT_FALSE(verify(key, kEnvelopeDomain, "bytes", view(signature).substr(1)));
  EXPECT_FALSE(verify(key, kEnvelopeDomain, "bytes", ""));
}

v1::Compartment sealed_by_pynacl() {
  v1::Compartment compartment;
  compartment.set_category(v1::CATEGORY_HEALTH);
  compartment.set_nonce(std::string(24, '\1'));
  compartment.set_ciphertext(
      *unhex("d21b6d39ac8299bf528db7e2076838e0c726e051c91165dbaedb8b4d7a2e9e1b36897680c8deb0a0"));
  auto& wrap = *compartment.add_wraps();
  wrap.set_nonce(std::string(24, '\2'));
  wrap.set_sealed_key(
      *unhex("6e2917e3d45c8eb778d2a9115e0ff9e4a83d9c08fe176866985dcce6bcae837dc4c3948978dade7327c4359330f443c6"));
  return compartment;
}

TEST_F(Crypto, opens_what_pynacl_sealed) {
  const auto compartment = sealed_by_pynacl();
  const auto content = open(compartment, counted_id(), compartment.wraps(0), *recipient_side_);
  ASSERT_TRUE(content);
  EXPECT_EQ(*content, "content of a compartment");
}

TEST_F(Crypto, opens_what_it_sealed_and_does_not_show_it) {
  auto sealed = seal(counted_id(), v1::CATEGORY_NOTE, "a note");
  add_wrap(sealed, "caf-25", "seal-1", "seal-9", *sender_side_);
  const auto& compartment = sealed.compartment;
  EXPECT_EQ(compartment.wraps(0).recipient(), "caf-25");
  EXPECT_EQ(compartment.wraps(0).recipient_key(), "seal-1");
  EXPECT_EQ(compartment.wraps(0).sender_key(), "seal-9");
  EXPECT_EQ(compartment.SerializeAsString().find("a note"), std::string::npos);
  EXPECT_EQ(*open(compartment, counted_id(), compartment.wraps(0), *recipient_side_), "a note");
  EXPECT_NE(seal(counted_id(), v1::CATEGORY_NOTE, "a note").compartment.ciphertext(), compartment.ciphertext());
}

TEST_F(Crypto, seals_an_empty_content) {
  auto sealed = seal(counted_id(), v1::CATEGORY_NOTE, "");
  add_wrap(sealed, "caf-25", "seal-1", "seal-9", *sender_side_);
  EXPECT_EQ(*open(sealed.compartment, counted_id(), sealed.compartment.wraps(0), *recipient_side_), "");
}

TEST_F(Crypto, does_not_open_what_was_changed_or_belongs_elsewhere) {
  const auto good = sealed_by_pynacl();
  const auto code = [&](const v1::Compartment& compartment, const std::string& message_id, const SharedKey& shared) {
    return open(compartment, message_id, compartment.wraps(0), shared).refusal().code;
  };
  EXPECT_EQ(code(good, std::string(16, 'x'), *recipient_side_), RefusalCode::compartment_does_not_open);

  EXPECT_EQ(open(good, "", good.wraps(0), *recipient_side_).refusal().english(),
            "The compartment health does not open with this key, or belongs to another message.");

  auto other_category = good;
  other_category.set_category(v1::CATEGORY_NOTE);
  EXPECT_EQ(code(other_category, counted_id(), *recipient_side_), RefusalCode::compartment_does_not_open);

  auto changed = good;
  (*changed.mutable_ciphertext())[3] ^= 1;
  EXPECT_EQ(code(changed, counted_id(), *recipient_side_), RefusalCode::compartment_does_not_open);

  auto rewrapped = good;
  (*rewrapped.mutable_wraps(0)->mutable_sealed_key())[3] ^= 1;
  EXPECT_EQ(code(rewrapped, counted_id(), *recipient_side_), RefusalCode::compartment_does_not_open);

  const auto stranger = SharedKey::agree(secret_from(64), sealing_public(secret_from(0)));
  EXPECT_EQ(code(good, counted_id(), *stranger), RefusalCode::compartment_does_not_open);
}

TEST_F(Crypto, names_the_field_of_a_compartment_with_a_wrong_size) {
  const auto good = sealed_by_pynacl();
  const auto field = [&](const v1::Compartment& compartment) {
    const auto said = open(compartment, counted_id(), compartment.wraps(0), *recipient_side_).refusal();
    EXPECT_EQ(said.code, RefusalCode::compartment_malformed);
    return said.field;
  };
  auto bad = good;
  bad.set_nonce("short");
  EXPECT_EQ(field(bad), "nonce");
  bad = good;
  bad.set_ciphertext(std::string(15, 'x'));
  EXPECT_EQ(field(bad), "ciphertext");
  bad = good;
  bad.mutable_wraps(0)->set_nonce("");
  EXPECT_EQ(field(bad), "wraps.nonce");
  bad = good;
  bad.mutable_wraps(0)->set_sealed_key(std::string(49, 'x'));
  EXPECT_EQ(field(bad), "wraps.sealed_key");
  bad = good;
  bad.set_category(static_cast<v1::Category>(263));  // 263 and 7 share their low byte
  EXPECT_EQ(field(bad), "category");
}

TEST_F(Crypto, refuses_a_weak_public_key) {
  const auto said = SharedKey::agree(secret_from(0), PublicKeyBytes{});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, RefusalCode::key_invalid);
}

TEST_F(Crypto, compares_secrets_of_any_length) {
  EXPECT_TRUE(equal_secrets("token", "token"));
  EXPECT_FALSE(equal_secrets("token", "tokem"));
  EXPECT_FALSE(equal_secrets("token", "token "));
  EXPECT_TRUE(equal_secrets("", ""));
}

TEST(CryptoText, reads_back_base64_and_is_strict) {
  EXPECT_EQ(base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_EQ(base64(""), "");
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random_bytes(size);
    EXPECT_EQ(*from_base64(base64(bytes)), bytes);
  }
  for (const auto* const bad : {"YW55IGNhcm5hbCBwbGVhcw", "YW5", "Y", "YW55*", "YW55 ", "====", "YW55\n"})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(CryptoText, writes_z85_as_zeromq_does) {
  // The test case of ZeroMQ's RFC 32.
  EXPECT_EQ(z85(*unhex("864fd26fb559f75b")), "HelloWorld");
  EXPECT_EQ(*from_z85("HelloWorld"), *unhex("864fd26fb559f75b"));
  const std::string key = random_bytes(32);
  EXPECT_EQ(z85(key).size(), 40U);
  EXPECT_EQ(*from_z85(z85(key)), key);
  for (const auto* const bad : {"Hell", "#####", "Hell~"}) EXPECT_FALSE(from_z85(bad)) << bad;
}

}  // namespace
}  // namespace relais::base
