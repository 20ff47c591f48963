// Changing the local accounts: one change at a time, noted in the journal before it is in force.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "broker/access/account_file.h"
#include "broker/base/result.h"

namespace relais::access {

/// Any thread. Whoever logs in reads the same file (accounts.h), so that a change is in force at once.
class AccountBook {
 public:
  explicit AccountBook(std::filesystem::path file) : file_(std::move(file)) {}

  /// config.invalid: the file has a fault; the first one, with its line.
  [[nodiscard]] base::Result<std::vector<Account>> read() const;

  /// What becomes of the accounts, or why not; a change that is refused changes nothing.
  using Change = std::function<base::Status(std::vector<Account>&)>;
  /// Puts it into the journal.
  using Note = std::function<base::Status()>;

  /// Reads, lets `what` change it, and only when that is allowed `note`, and then writes. The refusals of read(), of
  /// both, io.failed.
  base::Status change(const Change& what, const Note& note);

  /// One at a time: each takes 64 MiB.
  std::string hash_of(const std::string& password);

 private:
  const std::filesystem::path file_;
  std::mutex one_at_a_time_;
};

/// not.found.
base::Result<Account*> find_account(std::vector<Account>& accounts, const std::string& name);

/// A name that nobody has yet, a role, and an institution where the role wants one. input.invalid.
base::Status check_new_account(const std::vector<Account>& accounts, const Account& account);

}  // namespace relais::access
