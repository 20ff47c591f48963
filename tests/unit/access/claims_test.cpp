// What a provider of identities may say, and what it may not.
#include "broker/access/claims.h"

#include <gtest/gtest.h>

#include "broker/base/refusal_code.h"

namespace relais::access {
namespace {

using nlohmann::json;

const base::Instant kNow{std::chrono::seconds(2'000'000'000)};

class Claims : public testing::Test {
 protected:
  Claims() {
    config_.issuer = "https://idp.example";
    config_.client_id = "relais";
    config_.acr_values = {"eidas1"};
    config_.roles = {{"groups", "relais", Role::operating, {}}, {"email", "boss@a.example", Role::administrator, {}}};
    claims_ = {{"iss", "https://idp.example"}, {"aud", "relais"},  {"sub", "1"},     {"exp", 2'000'000'060},
               {"iat", 2'000'000'000},         {"nonce", "nonce"}, {"acr", "eidas1"}};
  }

  /// "untrusted: the ID token is of another issuer"; empty when all is well.
  [[nodiscard]] std::string fault_of(const json& change) const {
    auto claims = claims_;
    claims.merge_patch(change);
    const auto said = check_id_token(claims, config_, "nonce", kNow);
    return said ? "" : said.refusal().field + ": " + said.refusal().facts.front().second;
  }

  ProviderConfig config_;
  json claims_;
};

TEST_F(Claims, of_an_id_token_are_of_this_issuer_for_us_now_and_of_this_login) {
  EXPECT_EQ(fault_of(json::object()), "");
  EXPECT_EQ(fault_of({{"aud", {"relais"}}}), "");
  EXPECT_EQ(fault_of({{"aud", {"other", "relais"}}, {"azp", "relais"}}), "");
  EXPECT_EQ(fault_of({{"exp", 1'999'999'941}, {"iat", 2'000'000'060}, {"nbf", 2'000'000'060}}), "") << "clocks differ";
  const std::pair<json, std::string> wrong[] = {
      {{{"iss", "https://idp.example/"}}, "untrusted: the ID token is of another issuer"},
      {{{"iss", nullptr}}, "untrusted: the ID token is of another issuer"},
      {{{"aud", "other"}}, "untrusted: the ID token is for somebody else"},
      {{{"aud", {"other", "relais"}}}, "untrusted: the ID token is for somebody else"},
      {{{"azp", "other"}}, "untrusted: the ID token is for somebody else"},
      {{{"exp", 1'999'999'940}}, "expired: exp is over"},
      {{{"exp", nullptr}}, "expired: no exp"},
      {{{"exp", "tomorrow"}}, "expired: exp is no time"},
      {{{"exp", 1e300}}, "expired: exp is no time"},
      {{{"iat", nullptr}}, "expired: no iat"},
      {{{"iat", 2'000'000'061}}, "expired: iat is still to come"},
      {{{"nbf", 2'000'000'061}}, "expired: nbf is still to come"},
      {{{"nonce", "other"}}, "untrusted: the ID token is of another login"},
      {{{"nonce", nullptr}}, "untrusted: the ID token is of another login"},
      {{{"sub", ""}}, "untrusted: the ID token is of nobody"},
      {{{"acr", "eidas2"}}, "too_weak: acr is none of those that were asked for"},
      {{{"acr", nullptr}}, "too_weak: acr is none of those that were asked for"}};
  for (const auto& [change, fault] : wrong) EXPECT_EQ(fault_of(change), fault) << change;
}

TEST_F(Claims, of_userinfo_are_of_the_same_person_and_change_nothing) {
  auto claims = claims_;
  EXPECT_TRUE(add_user_info(claims, {{"sub", "1"}, {"email", "a@a.example"}, {"acr", "better"}}, config_, kNow));
  EXPECT_EQ(claims["email"], "a@a.example");
  EXPECT_EQ(claims["acr"], "eidas1");
  for (const json& wrong : {json{{"sub", "2"}}, json::object(), json{{"sub", "1"}, {"iss", "https://evil.example"}},
                            json{{"sub", "1"}, {"aud", "other"}}, json{{"sub", "1"}, {"exp", 1'999'999'940}}})
    EXPECT_FALSE(add_user_info(claims, wrong, config_, kNow)) << wrong;
}

TEST_F(Claims, give_a_role_by_the_first_rule_that_fits) {
  const auto is = [&](const json& claims) {
    const auto person = person_of(claims, config_);
    return person ? std::string(role_name(person->role)) + " " + person->name : person.refusal().field;
  };
  EXPECT_EQ(is({{"groups", {"a", "relais"}}, {"email", "a@a.example"}}), "operator a@a.example");
  EXPECT_EQ(is({{"groups", "relais"}, {"email", "boss@a.example"}}), "operator boss@a.example");
  EXPECT_EQ(is({{"email", "boss@a.example"}, {"email_verified", true}}), "administrator boss@a.example");
  EXPECT_EQ(is({{"email", "boss@a.example"}, {"email_verified", false}}), "no_role");
  EXPECT_EQ(is({{"groups", "relais2"}, {"email", "a@a.example"}}), "no_role");
  EXPECT_EQ(is({{"groups", {{"relais", true}}}, {"email", "a@a.example"}}), "no_role");
  EXPECT_EQ(is({{"groups", "relais"}}), "nameless");
  EXPECT_EQ(is({{"groups", "relais"}, {"email", "a\n@a.example"}}), "nameless");
  EXPECT_EQ(is({{"groups", "relais"}, {"email", std::string(200, 'a')}}), "nameless");
}

}  // namespace
}  // namespace relais::access
