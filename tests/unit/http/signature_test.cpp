#include "adapters/http/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "broker/base/crypto.h"
#include "broker/base/crypto_hmac.h"
#include "broker/base/ids.h"
#include "tests/support/temporary_folder.h"

namespace relais::http {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// The example of the Standard Webhooks libraries.
constexpr const char* kSecretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* kBody = R"({"test": 2432232314})";
constexpr const char* kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr auto kSent = base::from_ms(1'614'265'330'000);

class Signatures : public testing::Test {
 protected:
  std::string secret(const std::string& text, mode_t mode = 0600) {
    const auto path = folder_.write("secret", text + "\n");
    ::chmod(path.c_str(), mode);
    auto read = read_webhook_secret(path);
    return read ? *read : std::string(read.refusal().name());
  }

  SignatureHeaders headers(const std::string& signature = kSignature, const std::string& timestamp = "1614265330") {
    return {kId, timestamp, signature};
  }

  tests::TemporaryFolder folder_;
};

TEST_F(Signatures, hmac_is_that_of_rfc_4231) {
  EXPECT_EQ("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            base::hex(base::view(base::hmac_sha256("Jefe", "what do ya want for nothing?"))));
  EXPECT_EQ("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            base::hex(base::view(base::hmac_sha256(std::string(131, '\xaa'),
                                                   "Test Using Larger Than Block-Size Key - Hash Key First"))));
}

TEST_F(Signatures, a_signature_is_the_one_that_other_libraries_make) {
  const auto made = sign({secret(kSecretText)}, kId, kSent, kBody);
  EXPECT_EQ(kSignature, made.signature);
  EXPECT_EQ("1614265330", made.timestamp);
  EXPECT_EQ(Believed::yes, verify({secret(kSecretText)}, made, kBody, kSent, minutes(5)));
}

TEST_F(Signatures, while_a_secret_changes_either_is_believed_and_all_sign) {
  const auto old_secret = secret(kSecretText);
  const auto fresh = secret(new_webhook_secret());
  const auto made = sign({fresh, old_secret}, kId, kSent, kBody);
  EXPECT_NE(std::string::npos, made.signature.find(std::string(" ") + kSignature));
  EXPECT_EQ(Believed::yes, verify({old_secret}, made, kBody, kSent, minutes(5)));
  EXPECT_EQ(Believed::yes, verify({fresh}, made, kBody, kSent, minutes(5)));
  EXPECT_EQ(Believed::yes, verify({fresh, old_secret}, headers(), kBody, kSent, minutes(5)));
}

TEST_F(Signatures, what_was_changed_or_signed_by_another_is_not_believed) {
  const Secrets secrets{secret(kSecretText)};
  EXPECT_EQ(Believed::wrong, verify(secrets, headers(), std::string(kBody) + " ", kSent, minutes(5)));
  EXPECT_EQ(Believed::wrong, verify(secrets, headers(kSignature, "1614265331"), kBody, kSent, minutes(5)));
  EXPECT_EQ(Believed::wrong, verify({secret(new_webhook_secret())}, headers(), kBody, kSent, minutes(5)));
  auto other = headers();
  other.id += "x";
  EXPECT_EQ(Believed::wrong, verify(secrets, other, kBody, kSent, minutes(5)));
  // Another version of the scheme, with the right bytes, is not v1.
  EXPECT_EQ(Believed::wrong,
            verify(secrets, headers("v1a" + std::string(kSignature).substr(2)), kBody, kSent, minutes(5)));
}

TEST_F(Signatures, an_old_or_future_one_is_too_old_however_good) {
  const Secrets secrets{secret(kSecretText)};
  EXPECT_EQ(Believed::yes, verify(secrets, headers(), kBody, kSent + minutes(5), minutes(5)));
  EXPECT_EQ(Believed::too_old, verify(secrets, headers(), kBody, kSent + minutes(5) + seconds(1), minutes(5)));
  EXPECT_EQ(Believed::too_old, verify(secrets, headers(), kBody, kSent - minutes(5) - seconds(1), minutes(5)));
}

TEST_F(Signatures, incomplete_headers_are_told_apart_from_wrong_ones) {
  const Secrets secrets{secret(kSecretText)};
  for (const auto* const timestamp : {"", "now", "1614265330.5", "1614265330 ", "99999999999999999999"})
    EXPECT_EQ(Believed::incomplete, verify(secrets, headers(kSignature, timestamp), kBody, kSent, minutes(5)));
  EXPECT_EQ(Believed::incomplete, verify(secrets, headers(""), kBody, kSent, minutes(5)));
  auto nameless = headers();
  nameless.id = "";
  EXPECT_EQ(Believed::incomplete, verify(secrets, nameless, kBody, kSent, minutes(5)));
  nameless.id = "with space";
  EXPECT_EQ(Believed::incomplete, verify(secrets, nameless, kBody, kSent, minutes(5)));
}

TEST_F(Signatures, a_secret_file_is_refused_when_it_is_none) {
  EXPECT_EQ("key.invalid", secret("whsec_!!!"));
  EXPECT_EQ("key.invalid", secret("whsec_" + base::base64(std::string(23, 'x'))));
  EXPECT_EQ("key.invalid", secret("whsec_" + base::base64(std::string(65, 'x'))));
  EXPECT_EQ("key.file_mode", secret(kSecretText, 0640));
  EXPECT_EQ(std::string(24, 'x'), secret(base::base64(std::string(24, 'x'))));
}

}  // namespace
}  // namespace relais::http
