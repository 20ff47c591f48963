#include "broker/access/login.h"

#include "broker/access/totp.h"
#include "broker/base/crypto.h"
#include "broker/base/crypto_password.h"
#include "broker/base/turn.h"

namespace relais::access {

namespace {

using base::RefusalCode;

constexpr int kWaitingMost = 8;  // each holds a thread of the server

base::Refusal too_many(std::chrono::seconds wait) {
  return base::refuse(RefusalCode::access_too_many_attempts, {}, {{"seconds", std::to_string(wait.count())}});
}

}  // namespace

base::Result<Person> Login::enter(const Credentials& given, const std::string& address) {
  if (given.name.empty() || given.password.empty() || given.password.size() > kPasswordBytesMax)
    return base::refuse(RefusalCode::access_login_failed);
  const base::Turn turn(waiting_, kWaitingMost);
  if (!turn.granted()) return too_many(std::chrono::seconds(1));
  if (const auto wait = attempts_.begin(given.name, address)) return too_many(*wait);
  const auto account = accounts_.find(given.name);
  const bool known = good_password(account ? account->password : std::string(), given.password) && account;
  if (!known || !good_code(*account, given.code)) return base::refuse(RefusalCode::access_login_failed);
  attempts_.succeeded(given.name, address);
  return Person{account->name, account->role, account->institution, Accounts::credential_of(*account)};
}

bool Login::still_good(const Person& person) {
  const auto account = accounts_.find(person.name);
  return account && Accounts::credential_of(*account) == person.credential;
}

bool Login::good_password(const std::string& kept, const std::string& password) {
  const std::lock_guard lock(one_at_a_time_);
  // At the first login, whoever's it is: the first unknown name must not take twice as long.
  if (of_nobody_.empty()) of_nobody_ = base::password_hash(base::random_bytes(32));
  return base::password_matches(kept.empty() ? of_nobody_ : kept, password);
}

bool Login::good_code(const Account& account, const std::string& code) {
  if (account.totp.empty()) return true;
  const auto step = totp_step(account.totp, code, clock_.now());
  if (!step) return false;
  const std::lock_guard lock(codes_);
  auto& last = last_step_[account.name];
  if (*step <= last) return false;
  last = *step;
  return true;
}

}  // namespace relais::access
