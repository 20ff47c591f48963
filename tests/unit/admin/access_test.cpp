// Who may ask what: accounts, roles, sessions, and what a page of another site can not do.
#include <cmath>
#include <set>

#include "broker/access/account_file.h"
#include "broker/access/attempts.h"
#include "broker/admin/permissions.h"
#include "broker/base/crypto_password.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/admin/admin_fixture.h"

namespace relais::admin {
namespace {

using namespace std::chrono_literals;
using access::Account;
using access::Role;

constexpr const char* kPassword = "correct horse battery";

/// A folder that is there before the server, and a file in it with an account for each role.
class AccountsFolder {
 protected:
  AccountsFolder() {
    static const auto kept = base::password_hash(kPassword);
    std::vector<Account> accounts;
    for (const Role role : access::kRoles)
      accounts.push_back({std::string(access::role_name(role)), role, role == Role::partner ? "caf-1" : "", kept, {}});
    EXPECT_TRUE(access::write_account_file(file(), accounts));
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "accounts.toml"; }
  [[nodiscard]] ServerConfig settings() const {
    ServerConfig settings;
    settings.public_address = "https://relais.example.org";
    settings.behind_proxy = true;
    settings.access.accounts = file();
    return settings;
  }
  tests::TemporaryFolder folder_;
};

/// A browser: its cookie, and what the console knows of its session.
struct Browser {
  std::string cookie;
  json session;

  [[nodiscard]] httplib::Headers headers(bool csrf = true) const {
    httplib::Headers all{{"Cookie", "other=1; " + cookie + "; more=2"}};
    if (csrf) all.emplace("Relais-CSRF", session.value("csrf", ""));
    return all;
  }
};

class AccessTest : private AccountsFolder, public AdminTest {
 protected:
  AccessTest() : AdminTest(settings()) {}
  using AccountsFolder::file;

  httplib::Result try_login(const std::string& name, const std::string& password,
                            const httplib::Headers& headers = {}) {
    return client_->Post("/api/v1/login", headers, json{{"name", name}, {"password", password}}.dump(),
                         "application/json");
  }

  Browser log_in(const std::string& name) {
    const auto answer = try_login(name, kPassword);
    Browser browser{{}, read(answer, 200)};
    const auto cookie = answer->get_header_value("Set-Cookie");
    EXPECT_TRUE(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict")) << cookie;
    browser.cookie = cookie.substr(0, cookie.find(';'));
    return browser;
  }

  json get_as(const Browser& browser, const std::string& path, int status = 200) {
    return read(client_->Get("/api/v1/" + path, browser.headers()), status);
  }

  json post_as(const Browser& browser, const std::string& path, const json& body, int status = 200) {
    return read(client_->Post("/api/v1/" + path, browser.headers(), body.dump(), "application/json"), status);
  }

  static std::string code_of(const json& answer) { return answer["refused"].value("code", ""); }
};

TEST_F(AccessTest, every_route_has_its_roles_and_no_role_has_a_route_that_is_not_there) {
  const std::set<std::string> open{"GET /health",
                                   "GET /ready",
                                   "GET /openapi.json",
                                   "GET /api/v1/login",
                                   "POST /api/v1/login",
                                   "GET /api/v1/login/provider",
                                   "GET /api/v1/login/provider/return"};
  std::set<std::string> guarded;
  for (const auto& path : server_->paths())
    if (!open.contains(path)) guarded.insert(path);
  const auto permitted = routes_with_permission();
  EXPECT_EQ(std::set<std::string>(permitted.begin(), permitted.end()), guarded);
  EXPECT_EQ(permitted.size(), guarded.size()) << "one is in the table twice";
  for (const Role role : access::kRoles) EXPECT_FALSE(may(role, "GET /api/v1/anything"));
}

TEST_F(AccessTest, each_role_may_do_what_the_table_says_and_nothing_else) {
  for (const Role role : access::kRoles) {
    const auto browser = log_in(std::string(access::role_name(role)));
    std::set<std::string> told = browser.session["may"];
    for (const auto& route : routes_with_permission()) {
      EXPECT_EQ(may(role, route), told.contains(route)) << route;
      if (route.find("/api/v1/") == std::string::npos || route.ends_with("logout")) continue;
      const auto path = route.substr(route.find(' ') + 1);
      const auto answer = route.starts_with("POST") ? client_->Post(path, browser.headers(), "{}", "application/json")
                                                    : client_->Get(path, browser.headers());
      ASSERT_TRUE(answer) << route;
      const auto code = answer->status == 200 ? "" : code_of(json::parse(answer->body, nullptr, false));
      EXPECT_EQ(code != "access.not_allowed", may(role, route)) << access::role_name(role) << " " << route;
      if (code == "access.not_allowed") {
        EXPECT_EQ(answer->status, 403);
      }
    }
  }
  EXPECT_FALSE(may(Role::observer, "POST /api/v1/dead-letters/requeue"));
  EXPECT_FALSE(may(Role::auditor, "POST /api/v1/dead-letters/requeue"));
  EXPECT_FALSE(may(Role::operating, "POST /api/v1/network"));
  EXPECT_TRUE(may(Role::auditor, "GET /api/v1/audit"));
}

TEST_F(AccessTest, a_session_says_who_one_is_and_ends_when_one_leaves) {
  EXPECT_EQ(read(client_->Get("/api/v1/login"), 200),
            (json{{"accounts", true}, {"token", true}, {"provider", nullptr}}));
  const auto browser = log_in("operator");
  const auto session = get_as(browser, "session");
  EXPECT_EQ(session["name"], "operator");
  EXPECT_EQ(session["role"], "operator");
  EXPECT_TRUE(session["institution"].is_null());
  post_as(browser, "logout", json::object());
  for (const char* path : {"session", "status"})
    EXPECT_EQ(code_of(get_as(browser, path, 401)), "access.login_needed") << "used again after the end";
}

TEST_F(AccessTest, a_session_ends_when_nobody_is_there_and_at_the_latest_after_its_time) {
  const auto browser = log_in("observer");
  auto unattended = browser.headers();
  unattended.emplace("Relais-Unattended", "1");
  clock_.pass(20min);
  read(client_->Get("/api/v1/status", unattended), 200);
  clock_.pass(20min);
  EXPECT_EQ(code_of(get_as(browser, "status", 401)), "access.login_needed");
  const auto busy = log_in("observer");
  for (int i = 0; i < 23; ++i) {
    clock_.pass(25min);
    get_as(busy, "status");
  }
  clock_.pass(26min);
  EXPECT_EQ(code_of(get_as(busy, "status", 401)), "access.login_needed");
}

TEST_F(AccessTest, a_session_ends_when_its_account_changes) {
  const auto browser = log_in("operator");
  auto read_file = access::read_account_file(file());
  for (auto& account : read_file.accounts)
    if (account.name == "operator") account.role = Role::observer;
  ASSERT_TRUE(access::write_account_file(file(), read_file.accounts));
  EXPECT_EQ(code_of(get_as(browser, "status", 401)), "access.login_needed");
  const auto other = log_in("auditor");
  ASSERT_TRUE(access::write_account_file(file(), {}));
  EXPECT_EQ(code_of(get_as(other, "status", 401)), "access.login_needed");
  EXPECT_EQ(read(client_->Get("/api/v1/login"), 200)["accounts"], false);
}

TEST_F(AccessTest, what_changes_something_needs_the_token_of_the_session) {
  const auto browser = log_in("operator");
  const auto other = log_in("operator");
  for (const auto& headers : {browser.headers(false), Browser{browser.cookie, {{"csrf", "0"}}}.headers(),
                              Browser{browser.cookie, other.session}.headers()}) {
    for (const char* path : {"/api/v1/dead-letters/requeue", "/api/v1/logout"}) {
      const auto answer = client_->Post(path, headers, "{}", "application/json");
      EXPECT_EQ(code_of(read(answer, 403)), "access.request_forged");
    }
  }
  get_as(browser, "session");
}

TEST_F(AccessTest, an_action_bears_the_name_of_the_account_and_no_other) {
  apply_network();
  for (const char referral : {'a', 'b'}) request(referral);
  reject_all(2);
  leave();
  const auto letters = get("dead-letters")["dead_letters"];
  const auto browser = log_in("operator");
  const auto order = [&](const json& letter) {
    return json{{"reason", "tried"},
                {"recipient", letter["recipient"]},
                {"position", letter["position"]},
                {"ordinal", letter["ordinal"]}};
  };
  auto claimed = order(letters[0]);
  claimed["operator"] = "somebody-else";
  EXPECT_EQ(post_as(browser, "dead-letters/discard", claimed, 400)["refused"]["field"], "operator");
  post_as(browser, "dead-letters/discard", order(letters[0]));
  claimed = order(letters[1]);
  claimed["operator"] = "operator";
  post_as(browser, "dead-letters/requeue", claimed);
  EXPECT_EQ(get("audit?operator=operator")["acts"].size(), 2U);
  EXPECT_EQ(get("audit?operator=somebody-else")["acts"].size(), 0U);
}

TEST_F(AccessTest, a_partner_sees_the_delivery_log_of_its_institution_and_nothing_else) {
  apply_network();
  const auto id = request('a');
  const auto partner = log_in("partner");
  EXPECT_EQ(partner.session["institution"], "caf-1");
  const auto log = get_as(partner, "delivery-log");
  EXPECT_EQ(log["institution"], "caf-1");
  ASSERT_EQ(log["entries"].size(), 1U);
  EXPECT_EQ(log["entries"][0]["message_id"], id);
  EXPECT_EQ(log["entries"][0]["direction"], "received");
  for (const auto& delivery : log["entries"][0]["deliveries"]) EXPECT_EQ(delivery["recipient"], "caf-1");
  EXPECT_EQ(get_as(partner, "delivery-log?institution=caf-1")["entries"].size(), 1U);
  EXPECT_EQ(code_of(get_as(partner, "delivery-log?institution=ccas-1", 403)), "access.not_allowed");
  EXPECT_EQ(code_of(get_as(partner, "messages/" + id, 403)), "access.not_allowed");
  EXPECT_EQ(code_of(get_as(partner, "institutions/caf-1", 403)), "access.not_allowed");
  const auto sent = get("delivery-log?institution=ccas-1");
  ASSERT_EQ(sent["entries"].size(), 1U);
  EXPECT_EQ(sent["entries"][0]["direction"], "sent");
  EXPECT_EQ(get("delivery-log", 400)["refused"]["field"], "institution");
  EXPECT_EQ(get("delivery-log?institution=cpam-1")["entries"].size(), 0U);
}

TEST_F(AccessTest, wrong_logins_are_told_alike_and_then_have_to_wait) {
  const auto refusal = [&](const std::string& name, const std::string& password, const std::string& from) {
    const auto answer = try_login(name, password, {{"X-Forwarded-For", "203.0.113.99, " + from}});
    EXPECT_EQ(answer->get_header_value("Set-Cookie"), "");
    return std::pair(answer->status, read(answer, answer->status)["refused"]);
  };
  const auto wrong = refusal("operator", "wrong", "192.0.2.1");
  EXPECT_EQ(wrong.first, 401);
  EXPECT_EQ(wrong.second["code"], "access.login_failed");
  EXPECT_EQ(refusal("nobody", "wrong", "192.0.2.1"), wrong) << "who has an account is not told";
  const auto began = clock_.now();
  int verified = 0;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const auto answer = refusal("operator", "wrong", "192.0.2." + std::to_string(2 + i % 200));
    last = answer.second["code"];
    verified += last == "access.login_failed" ? 1 : 0;
  }
  // Five are free, and then the pauses double: so many fit into the time that this took, on however slow a machine.
  const auto seconds = std::chrono::duration<double>(clock_.now() - began).count();
  EXPECT_LE(verified, 6 + static_cast<int>(std::log2(seconds + 1)));
  EXPECT_EQ(last, "access.too_many_attempts");
  const auto waiting = try_login("operator", kPassword);
  EXPECT_EQ(waiting->status, 429) << "the right one has to wait, too";
  EXPECT_GE(std::stoi(waiting->get_header_value("Retry-After")), 1);
  log_in("auditor");
  clock_.pass(15min);
  log_in("operator");
}

TEST_F(AccessTest, an_address_that_only_claims_to_be_another_waits) {
  const auto began = clock_.now();
  int verified = 0;
  for (int i = 0; i < 60; ++i) {
    const auto answer =
        try_login("nobody" + std::to_string(i), "wrong",
                  {{"X-Forwarded-For", "198.51.100." + std::to_string(i)}, {"X-Forwarded-For", "192.0.2.77"}});
    if (answer->status == 429) break;
    ++verified;
  }
  // Then the pauses double: on a slow machine some of them fit in.
  const auto seconds = std::chrono::duration<double>(clock_.now() - began).count();
  EXPECT_LE(verified, access::Attempts::kFreeOfAddress + 1 + static_cast<int>(std::log2(seconds + 1)))
      << "the line that the proxy added is the last one";
}

TEST_F(AccessTest, what_is_no_login_says_what_is_wrong_with_it) {
  const auto field = [&](const std::string& body, const char* type = "application/json") {
    return read(client_->Post("/api/v1/login", body, type), 400)["refused"].value("field", "");
  };
  EXPECT_EQ(field("{}"), "name");
  EXPECT_EQ(field(R"({"name":"operator"})"), "password");
  EXPECT_EQ(field(R"({"name":"operator","password":7})"), "password");
  EXPECT_EQ(field(R"({"name":"operator","password":"x","role":"administrator"})"), "role");
  EXPECT_EQ(field("[]"), "body");
  EXPECT_EQ(field("name=operator&password=x", "application/x-www-form-urlencoded"), "Content-Type");
}

TEST_F(AccessTest, a_cookie_that_is_none_of_ours_is_nobody) {
  for (const std::string& cookie :
       {std::string("relais-session="), "relais-session=" + std::string(64, '0'), std::string("relais-session"),
        "relais-session=" + std::string(100'000, 'a').substr(0, 4000)})
    EXPECT_EQ(code_of(read(client_->Get("/api/v1/status", {{"Cookie", cookie}}), 401)), "access.login_needed");
  const auto browser = log_in("observer");
  auto both = browser.headers();
  both.emplace("Authorization", "Bearer wrong");
  EXPECT_EQ(code_of(read(client_->Get("/api/v1/status", both), 401)), "access.login_needed") << "a wrong token is told";
}

TEST_F(AccessTest, behind_a_proxy_that_speaks_tls_the_cookie_goes_out_by_tls_alone) {
  const httplib::Headers named{{"Host", "relais.example.org"}, {"Origin", "https://relais.example.org"}};
  const auto answer = try_login("observer", kPassword, named);
  ASSERT_EQ(answer->status, 200);
  const auto cookie = answer->get_header_value("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-relais-session=")) << cookie;
  EXPECT_TRUE(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure")) << cookie;
  auto headers = named;
  headers.emplace("Cookie", cookie.substr(0, cookie.find(';')));
  EXPECT_EQ(client_->Get("/api/v1/status", headers)->status, 200);
  EXPECT_EQ(client_->Get("/metrics")->status, 200) << "from this machine itself";
  EXPECT_EQ(client_->Get("/metrics", {{"X-Forwarded-For", "192.0.2.1"}})->status, 401);
  auto by_token = signed_in();
  by_token.emplace("X-Forwarded-For", "192.0.2.1");
  EXPECT_EQ(client_->Get("/api/v1/status", by_token)->status, 401) << "the token is for this machine";
  EXPECT_EQ(client_->Get("/api/v1/status", {{"Host", "evil.example.org"}})->status, 400);
  EXPECT_EQ(try_login("observer", kPassword, {{"Origin", "https://evil.example.org"}})->status, 400);
}

TEST_F(AdminTest, without_accounts_the_token_opens_as_ever_and_nobody_can_log_in) {
  EXPECT_EQ(read(client_->Get("/api/v1/login"), 200),
            (json{{"accounts", false}, {"token", true}, {"provider", nullptr}}));
  EXPECT_EQ(get("session")["role"], "root");
  const auto answer = client_->Post("/api/v1/login", json{{"name", "a"}, {"password", "b"}}.dump(), "application/json");
  EXPECT_EQ(read(answer, 401)["refused"]["code"], "access.login_failed");
}

}  // namespace
}  // namespace relais::admin
