// Logging in with a local account: name, password, and the code where the account has a second factor.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "broker/access/accounts.h"
#include "broker/access/attempts.h"
#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::access {

/// What a request's field may hold, and more than anybody types.
inline constexpr std::size_t kPasswordBytesMax = 512;

struct Credentials {
  std::string name;
  std::string password;
  std::string code;  // empty without a second factor
};

/// Any thread. What is wrong is not told, and an unknown name takes as long as a wrong password.
class Login {
 public:
  Login(Accounts& accounts, const base::Clock& clock) : accounts_(accounts), clock_(clock), attempts_(clock) {}

  /// access.login_failed, access.too_many_attempts (seconds).
  base::Result<Person> enter(const Credentials& given, const std::string& address);

  /// The account is still what it was when this person logged in.
  [[nodiscard]] bool still_good(const Person& person);

 private:
  [[nodiscard]] bool good_password(const std::string& kept, const std::string& password);
  [[nodiscard]] bool good_code(const Account& account, const std::string& code);

  Accounts& accounts_;
  const base::Clock& clock_;
  Attempts attempts_;
  std::mutex one_at_a_time_;  // each takes 64 MiB
  std::atomic<int> waiting_{0};
  std::string of_nobody_;  // under one_at_a_time_
  std::mutex codes_;
  std::map<std::string, std::uint64_t> last_step_;  // of each account's codes
};

}  // namespace relais::access
