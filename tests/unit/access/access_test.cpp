// Accounts, second factors, pauses and sessions, each alone.
#include <chrono>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "broker/access/accounts.h"
#include "broker/access/attempts.h"
#include "broker/access/login.h"
#include "broker/access/sessions.h"
#include "broker/access/totp.h"
#include "broker/base/crypto.h"
#include "broker/base/crypto_password.h"
#include "tests/support/temporary_folder.h"

namespace relais::access {
namespace {

using namespace std::chrono_literals;
using base::RefusalCode;

class ManualClock final : public base::Clock {
 public:
  [[nodiscard]] base::Instant now() const override { return now_; }
  void set(std::chrono::seconds since_1970) { now_ = base::Instant(since_1970); }
  void pass(std::chrono::milliseconds time) { now_ += time; }

 private:
  base::Instant now_{2'000'000'000s};
};

// RFC 6238, appendix B: the secret "12345678901234567890", and the last six digits of its codes.
const std::string kRfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
constexpr const char* kPassword = "correct horse battery";

/// One hash for all tests: it is dear.
const std::string& kept_password() {
  static const std::string kept = [] {
    base::crypto_init();
    return base::password_hash(kPassword);
  }();
  return kept;
}

class AccessFiles : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "accounts.toml"; }
  void write(const std::vector<Account>& accounts) const { ASSERT_TRUE(write_account_file(file(), accounts)); }
  static Account camille() { return {"camille", Role::operating, {}, kept_password(), {}}; }

  tests::TemporaryFolder folder_;
  ManualClock clock_;
};

TEST(Password, is_kept_as_argon2id_and_never_twice_the_same) {
  EXPECT_TRUE(kept_password().starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << kept_password();
  EXPECT_TRUE(base::password_matches(kept_password(), kPassword));
  EXPECT_FALSE(base::password_matches(kept_password(), "correct horse batterY"));
  EXPECT_NE(base::password_hash(kPassword), kept_password());
}

TEST(Password, a_cost_that_is_not_ours_is_no_match_and_takes_no_memory) {
  auto dear = kept_password();
  dear.replace(dear.find("m=65536"), 7, "m=99999999");
  EXPECT_FALSE(base::is_password_hash(dear));
  EXPECT_FALSE(base::password_matches(dear, kPassword));
  EXPECT_FALSE(base::is_password_hash(""));
  EXPECT_FALSE(base::is_password_hash("$argon2id$"));
  EXPECT_FALSE(base::is_password_hash(std::string(1000, 'a')));
}

TEST(Totp, agrees_with_the_vectors_of_its_rfc) {
  const auto at = [](std::int64_t seconds) { return base::Instant(std::chrono::seconds(seconds)); };
  EXPECT_EQ(totp_step(kRfcSecret, "287082", at(59)), 1U);
  EXPECT_EQ(totp_step(kRfcSecret, "081804", at(1'111'111'109)), 37'037'036U);
  EXPECT_EQ(totp_step(kRfcSecret, "279037", at(2'000'000'000)), 66'666'666U);
  EXPECT_EQ(totp_step(kRfcSecret, "279037", at(2'000'000'030)), 66'666'666U) << "the half minute before";
  EXPECT_EQ(totp_step(kRfcSecret, "279037", at(1'999'999'970)), 66'666'666U) << "the half minute after";
  EXPECT_FALSE(totp_step(kRfcSecret, "279037", at(2'000'000'090)));
  for (const char* wrong : {"", "27903", "2790370", "27903a", " 79037", "-79037", "69279037"})
    EXPECT_FALSE(totp_step(kRfcSecret, wrong, at(2'000'000'000))) << wrong;
}

TEST(Totp, secrets_are_made_for_telephones) {
  const auto secret = new_totp_secret();
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_TRUE(is_totp_secret(secret));
  EXPECT_NE(secret, new_totp_secret());
  EXPECT_FALSE(is_totp_secret("GEZDGNBV")) << "too short";
  EXPECT_FALSE(is_totp_secret("not base32 at all, is it?!1890"));
  EXPECT_EQ(totp_address("camille", "ABC"),
            "otpauth://totp/Relais:camille?secret=ABC&issuer=Relais&algorithm=SHA1&digits=6&period=30");
}

TEST_F(AccessFiles, what_is_written_is_read_again_and_for_its_owner_alone) {
  EXPECT_TRUE(read_account_file(file()).accounts.empty()) << "no file, no accounts, no fault";
  write({camille(), {"caf", Role::partner, "caf-25", kept_password(), kRfcSecret}});
  struct stat facts {};
  ASSERT_EQ(::stat(file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  const auto read = read_account_file(file());
  ASSERT_TRUE(read.faults.empty()) << read.faults.front().problem;
  ASSERT_EQ(read.accounts.size(), 2U);
  EXPECT_EQ(read.accounts[0].name, "camille");
  EXPECT_EQ(read.accounts[0].role, Role::operating);
  EXPECT_EQ(read.accounts[1].institution, "caf-25");
  EXPECT_EQ(read.accounts[1].totp, kRfcSecret);
}

TEST_F(AccessFiles, every_fault_of_a_file_is_told_with_its_line) {
  folder_.write("accounts.toml",
                "[[account]]\nname = \"Camille\"\nrole = \"boss\"\npassword = \"secret in clear\"\n"
                "[[account]]\nname = \"caf\"\nrole = \"partner\"\npassword = \"\"\ntotp = \"x\"\nphone = \"1\"\n");
  ::chmod(file().c_str(), 0640);
  const auto read = read_account_file(file());
  std::string all;
  for (const auto& fault : read.faults)
    all += std::to_string(fault.place.line) + " " + fault.path + " " + fault.problem + "\n";
  for (const char* part : {"mode 0640", "2 account[0].name", "3 account[0].role", "4 account[0].password",
                           "account[1].institution is missing", "9 account[1].totp", "10 account[1].phone"}) {
    const auto at = all.find(part);
    ASSERT_NE(at, std::string::npos) << part << "\nin\n" << all;
    EXPECT_EQ(all.find(part, at + 1), std::string::npos) << "told twice: " << part;
  }
  EXPECT_EQ(all.find("secret in clear"), std::string::npos);
}

TEST_F(AccessFiles, an_institution_is_an_id_and_of_a_partner_alone) {
  EXPECT_TRUE(is_institution_of(Role::partner, "caf-25"));
  EXPECT_TRUE(is_institution_of(Role::partner, std::string(63, 'a')));
  EXPECT_TRUE(is_institution_of(Role::auditor, ""));
  EXPECT_FALSE(is_institution_of(Role::auditor, "caf-25"));
  for (const std::string& wrong : {std::string(), std::string("c"), std::string("caf\t25"), std::string("caf\"25"),
                                   std::string("Caf-25"), std::string("\xff\xff"), std::string(64, 'a')})
    EXPECT_FALSE(is_institution_of(Role::partner, wrong)) << wrong;
}

TEST_F(AccessFiles, a_change_of_the_file_is_in_force_at_once) {
  Accounts accounts(file());
  EXPECT_FALSE(accounts.any());
  write({camille()});
  ASSERT_TRUE(accounts.find("camille"));
  const auto before = Accounts::credential_of(*accounts.find("camille"));
  auto other = camille();
  other.role = Role::auditor;
  write({other});
  EXPECT_EQ(accounts.find("camille")->role, Role::auditor);
  EXPECT_NE(Accounts::credential_of(*accounts.find("camille")), before);
  other.disabled = true;
  write({other});
  ASSERT_EQ(read_account_file(file()).accounts.size(), 1U);
  EXPECT_TRUE(read_account_file(file()).accounts[0].disabled);
  EXPECT_FALSE(accounts.find("camille") || accounts.any()) << "a disabled one lets nobody in";
  folder_.write("accounts.toml", "[[account]\n");
  EXPECT_FALSE(accounts.any()) << "a file with a fault lets nobody in";
  write({camille()});
  EXPECT_TRUE(accounts.find("camille"));
}

TEST_F(AccessFiles, name_password_and_code_go_together_or_not_at_all) {
  auto second = camille();
  second.name = "dominique";
  second.totp = kRfcSecret;
  write({camille(), second});
  Accounts accounts(file());
  Login login(accounts, clock_);
  const auto code = [&](const Credentials& given) {
    const auto entered = login.enter(given, "192.0.2.1");
    return entered ? std::string(entered->name) : std::string(entered.refusal().name());
  };
  EXPECT_EQ(code({"camille", kPassword, {}}), "camille");
  EXPECT_EQ(code({"camille", "wrong", {}}), "access.login_failed");
  EXPECT_EQ(code({"nobody", kPassword, {}}), "access.login_failed");
  EXPECT_EQ(code({"camille", std::string(2000, 'a'), {}}), "access.login_failed");
  EXPECT_EQ(code({"dominique", kPassword, {}}), "access.login_failed");
  EXPECT_EQ(code({"dominique", kPassword, "279038"}), "access.login_failed");
  EXPECT_EQ(code({"dominique", kPassword, "279037"}), "dominique");
  EXPECT_EQ(code({"dominique", kPassword, "279037"}), "access.login_failed") << "a code is good once";
}

TEST_F(AccessFiles, a_person_is_good_until_the_account_changes) {
  write({camille()});
  Accounts accounts(file());
  Login login(accounts, clock_);
  const auto person = login.enter({"camille", kPassword, {}}, "192.0.2.1");
  ASSERT_TRUE(person);
  EXPECT_TRUE(login.still_good(*person));
  auto changed = camille();
  changed.totp = kRfcSecret;
  write({changed});
  EXPECT_FALSE(login.still_good(*person));
  write({});
  EXPECT_FALSE(login.still_good(*person));
}

TEST(Attempts, pauses_grow_for_a_name_wherever_it_is_tried_from) {
  ManualClock clock;
  Attempts attempts(clock);
  int number = 0;
  const auto tried = [&](const std::string& name) {
    return attempts.begin(name, "192.0.2." + std::to_string(++number % 250));
  };
  for (int i = 0; i < Attempts::kFreeOfName; ++i) EXPECT_FALSE(tried("camille")) << i;
  for (const auto pause : {1s, 2s, 4s, 8s}) {
    EXPECT_EQ(tried("camille"), pause);
    EXPECT_FALSE(tried("other" + std::to_string(number))) << "others are not concerned";
    clock.pass(pause);
    EXPECT_FALSE(tried("camille"));
  }
  attempts.succeeded("camille", "192.0.2.1");
  EXPECT_FALSE(tried("camille"));
  EXPECT_FALSE(tried("camille"));
}

TEST(Attempts, a_thousand_wrong_passwords_are_a_handful) {
  ManualClock clock;
  Attempts attempts(clock);
  int let_in = 0;
  for (int i = 0; i < 1000; ++i) let_in += attempts.begin("camille", "192.0.2.1") ? 0 : 1;
  EXPECT_EQ(let_in, Attempts::kFreeOfName);
}

TEST(Attempts, an_address_that_tries_many_names_waits_and_its_own_good_login_does_not_help_it) {
  ManualClock clock;
  Attempts attempts(clock);
  int let_in = 0;
  for (int i = 0; i < 1000; ++i) {
    let_in += attempts.begin("name" + std::to_string(i), "2001:db8::" + std::to_string(i % 100)) ? 0 : 1;
    if (i % 10 == 9 && !attempts.begin("mine", "2001:db8::1")) attempts.succeeded("mine", "2001:db8::1");
  }
  EXPECT_LE(let_in, Attempts::kFreeOfAddress) << "one network of IPv6 is one address";
  EXPECT_FALSE(attempts.begin("camille", "192.0.2.7"));
  clock.pass(Attempts::kPauseMost);
  EXPECT_FALSE(attempts.begin("camille", "2001:db8::1"));
}

TEST(Attempts, memory_has_an_end) {
  ManualClock clock;
  Attempts attempts(clock, 100);
  for (int i = 0; i < 10; ++i) (void)attempts.begin("target", "198.51.100.1");
  for (std::size_t i = 0; i < 200; ++i) (void)attempts.begin("n" + std::to_string(i), "10.0.0." + std::to_string(i));
  EXPECT_TRUE(attempts.begin("target", "198.51.100.2")) << "who has to wait is not forgotten for who has not";
}

TEST(Sessions, end_when_idle_and_at_the_latest) {
  ManualClock clock;
  Sessions sessions({10min, 60min}, clock);
  const auto opened = sessions.open({"camille", Role::operating, {}, {}});
  EXPECT_EQ(opened.cookie.size(), 64U);
  EXPECT_NE(opened.cookie, opened.session.csrf);
  for (int i = 0; i < 6; ++i) {
    clock.pass(9min);
    ASSERT_TRUE(sessions.find(opened.cookie, true)) << i;
  }
  clock.pass(6min);
  EXPECT_FALSE(sessions.find(opened.cookie, true)) << "an hour is over";
  const auto idle = sessions.open({"camille", Role::operating, {}, {}});
  clock.pass(6min);
  ASSERT_TRUE(sessions.find(idle.cookie, false)) << "looked at, by nobody";
  clock.pass(6min);
  EXPECT_FALSE(sessions.find(idle.cookie, true));
  EXPECT_FALSE(sessions.find(idle.cookie, true)) << "what is over stays over";
}

TEST(Sessions, are_known_by_their_cookie_alone_and_end_with_it) {
  ManualClock clock;
  Sessions sessions({}, clock);
  const auto opened = sessions.open({"camille", Role::auditor, {}, {}});
  EXPECT_EQ(sessions.find(opened.cookie, true)->person.name, "camille");
  auto wrong = opened.cookie;
  wrong[0] = wrong[0] == '0' ? '1' : '0';
  for (const std::string& other : {std::string(), wrong, opened.cookie + "0", opened.session.csrf})
    EXPECT_FALSE(sessions.find(other, true)) << other;
  sessions.close(opened.cookie);
  EXPECT_FALSE(sessions.find(opened.cookie, true)) << "used again after the end";
}

TEST(Sessions, memory_has_an_end) {
  ManualClock clock;
  Sessions sessions({}, clock);
  const auto first = sessions.open({"first", Role::observer, {}, {}});
  clock.pass(1s);
  for (std::size_t i = 0; i < Sessions::kMost; ++i)
    (void)sessions.open({"more" + std::to_string(i), Role::observer, {}, {}});
  EXPECT_FALSE(sessions.find(first.cookie, true));
}

TEST(Sessions, nobody_pushes_others_out) {
  ManualClock clock;
  Sessions sessions({}, clock);
  const auto other = sessions.open({"other", Role::administrator, {}, {}});
  const auto first = sessions.open({"first", Role::partner, "caf-25", {}});
  clock.pass(1s);
  for (std::size_t i = 0; i < Sessions::kMost; ++i) (void)sessions.open({"first", Role::partner, "caf-25", {}});
  EXPECT_TRUE(sessions.find(other.cookie, true));
  EXPECT_FALSE(sessions.find(first.cookie, true));
}

}  // namespace
}  // namespace relais::access
