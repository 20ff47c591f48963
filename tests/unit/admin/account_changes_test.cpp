// Changing accounts over HTTP: by name and reason, in the journal, in force at once, and nothing secret in what is
// told.
#include "broker/access/account_file.h"
#include "broker/access/accounts.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

constexpr const char* kLongEnough = "correct horse battery";

/// There before the server.
class EmptyFolder {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "accounts.toml"; }
  [[nodiscard]] ServerConfig settings() const {
    ServerConfig settings;
    settings.access.accounts = file();
    return settings;
  }
  tests::TemporaryFolder folder_;
};

class AccountChangesTest : private EmptyFolder, public AdminTest {
 protected:
  AccountChangesTest() : AdminTest(settings()) {}
  using EmptyFolder::file;
  using EmptyFolder::folder_;

  json order(const std::string& what, json body, int status = 200) {
    body["operator"] = "Camille";
    body["reason"] = "a reason for " + what;
    return post("accounts" + (what == "add" ? "" : "/" + what), body, status);
  }

  json add(const std::string& name, const std::string& role, int status = 200) {
    return order("add", {{"name", name}, {"role", role}, {"password", kLongEnough}}, status);
  }

  /// The cookie; empty when nobody is let in.
  std::string log_in(const std::string& name, const std::string& password = kLongEnough) {
    const auto answer =
        client_->Post("/api/v1/login", json{{"name", name}, {"password", password}}.dump(), "application/json");
    const auto cookie = answer ? answer->get_header_value("Set-Cookie") : std::string();
    return cookie.substr(0, cookie.find(';'));
  }

  bool is_in(const std::string& cookie) {
    const auto answer = client_->Get("/api/v1/session", {{"Cookie", cookie}});
    return answer && answer->status == 200;
  }

  [[nodiscard]] access::Account only_one() const {
    const auto read = access::read_account_file(file());
    EXPECT_EQ(read.accounts.size(), 1u);
    return read.accounts.empty() ? access::Account() : read.accounts.front();
  }
};

TEST_F(AccountChangesTest, each_change_is_an_act_of_somebody_for_a_reason_about_an_account) {
  add("dominique", "observer");
  order("role", {{"name", "dominique"}, {"role", "operator"}});
  order("password", {{"name", "dominique"}, {"password", "another long one"}});
  order("second-factor", {{"name", "dominique"}});
  order("disable", {{"name", "dominique"}});
  order("enable", {{"name", "dominique"}});
  order("sign-out", {{"name", "dominique"}});
  order("remove", {{"name", "dominique"}});
  const auto acts = get("audit")["acts"];
  std::vector<std::string> actions;
  for (const auto& act : acts) {
    actions.insert(actions.begin(), act["action"]);
    EXPECT_EQ(act["operator"], "Camille");
    EXPECT_EQ(act["about"], (json{{"account", "dominique"}}));
    EXPECT_TRUE(act["reason"].get<std::string>().starts_with("a reason for ")) << act;
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{"account.add", "account.role", "account.password", "account.second_factor",
                                      "account.disable", "account.enable", "account.sign_out", "account.remove"}));
  EXPECT_TRUE(access::read_account_file(file()).accounts.empty());
}

TEST_F(AccountChangesTest, without_a_name_or_a_reason_nothing_changes) {
  const json account{{"name", "dominique"}, {"role", "observer"}, {"password", kLongEnough}};
  for (const char* const missing : {"operator", "reason"}) {
    auto body = account;
    body["operator"] = "Camille";
    body["reason"] = "why";
    body.erase(missing);
    EXPECT_EQ(post("accounts", body, 400)["refused"]["code"], "operator.reason_missing") << missing;
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_TRUE(get("audit")["acts"].empty());
}

TEST_F(AccountChangesTest, what_is_refused_changes_nothing_and_stands_in_no_journal) {
  add("dominique", "observer");
  const auto before = only_one();
  EXPECT_EQ(add("dominique", "auditor", 400)["refused"]["field"], "name");
  EXPECT_EQ(add("Dominique!", "auditor", 400)["refused"]["field"], "name");
  EXPECT_EQ(add("other", "boss", 400)["refused"]["field"], "role");
  EXPECT_EQ(add("other", "partner", 400)["refused"]["field"], "institution");
  EXPECT_EQ(order("add", {{"name", "other"}, {"role", "auditor"}, {"password", "short"}}, 400)["refused"]["field"],
            "password");
  EXPECT_EQ(order("role", {{"name", "dominique"}, {"role", "partner"}}, 400)["refused"]["field"], "institution");
  EXPECT_EQ(order("password", {{"name", "dominique"}, {"password", "short"}}, 400)["refused"]["field"], "password");
  for (const char* const what : {"second-factor", "disable", "enable", "remove", "sign-out"})
    EXPECT_EQ(order(what, {{"name", "nobody"}}, 404)["refused"]["code"], "not.found") << what;
  EXPECT_EQ(access::Accounts::credential_of(only_one()), access::Accounts::credential_of(before));
  EXPECT_EQ(get("audit")["acts"].size(), 1u);
}

TEST_F(AccountChangesTest, a_disabled_account_lets_nobody_in_and_ends_its_sessions) {
  add("dominique", "observer");
  const auto cookie = log_in("dominique");
  ASSERT_TRUE(is_in(cookie));
  EXPECT_EQ(get("accounts")["accounts"][0]["sessions"], 1);
  order("disable", {{"name", "dominique"}});
  EXPECT_FALSE(is_in(cookie));
  EXPECT_EQ(log_in("dominique"), "");
  EXPECT_EQ(get("accounts")["accounts"][0]["disabled"], true);
  order("enable", {{"name", "dominique"}});
  EXPECT_TRUE(is_in(log_in("dominique")));
}

TEST_F(AccountChangesTest, who_is_signed_out_may_come_again_and_nobody_else_is_touched) {
  add("dominique", "observer");
  add("sacha", "observer");
  const auto first = log_in("dominique");
  const auto second = log_in("dominique");
  const auto other = log_in("sacha");
  EXPECT_EQ(order("sign-out", {{"name", "dominique"}})["sessions"], 2);
  EXPECT_FALSE(is_in(first) || is_in(second));
  EXPECT_TRUE(is_in(other));
  EXPECT_TRUE(is_in(log_in("dominique")));
}

TEST_F(AccountChangesTest, a_second_factor_is_told_once_and_no_password_or_secret_stands_in_an_answer_or_the_journal) {
  const auto made =
      order("add", {{"name", "dominique"}, {"role", "observer"}, {"password", kLongEnough}, {"second_factor", true}});
  const auto first = only_one();
  EXPECT_NE(made["totp"].get<std::string>().find("secret=" + first.totp), std::string::npos);
  const auto reset = order("second-factor", {{"name", "dominique"}});
  const auto second = only_one();
  EXPECT_NE(second.totp, first.totp);
  EXPECT_NE(reset["totp"].get<std::string>().find("secret=" + second.totp), std::string::npos);
  EXPECT_TRUE(order("role", {{"name", "dominique"}, {"role", "auditor"}})["totp"].is_null());
  EXPECT_TRUE(order("second-factor", {{"name", "dominique"}, {"off", true}})["totp"].is_null());
  EXPECT_EQ(only_one().totp, "");
  auto told = get("accounts").dump() + get("audit").dump();
  for (core::Position at = 1; at <= store_.durable().position; ++at) told += store_.record(at)->bytes;
  for (const auto& secret : {std::string(kLongEnough), first.totp, second.totp, first.password})
    EXPECT_EQ(told.find(secret), std::string::npos);
}

TEST_F(AccountChangesTest, a_fault_of_the_file_is_told_with_its_line_and_nothing_is_written_over_it) {
  folder_.write("accounts.toml", "[[account]]\nname = \"dominique\"\nrole = \"boss\"\n");
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto refused = get("accounts", 422)["refused"];
  EXPECT_EQ(refused["code"], "config.invalid");
  EXPECT_NE(refused["english"].get<std::string>().find("accounts.toml:3: account[0].role"), std::string::npos)
      << refused;
  EXPECT_EQ(add("sacha", "observer", 422)["refused"]["code"], "config.invalid");
  EXPECT_TRUE(get("audit")["acts"].empty());
}

}  // namespace
}  // namespace relais::admin
