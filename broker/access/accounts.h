// The local accounts as they are now: a change of the file is in force at once, without a restart.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

#include "broker/access/account_file.h"

namespace relais::access {

/// Any thread. A file with a fault has no accounts, and the log says where the fault is.
class Accounts {
 public:
  explicit Accounts(std::filesystem::path file) : file_(std::move(file)) {}

  /// Of those that are not disabled.
  [[nodiscard]] std::optional<Account> find(std::string_view name);
  [[nodiscard]] bool any();

  /// Changes with anything that an account says.
  static std::string credential_of(const Account& account);

 private:
  void look();

  const std::filesystem::path file_;
  std::mutex mutex_;
  bool looked_ = false;
  struct stat seen_ {};  // all zero: there was no file
  std::vector<Account> accounts_;
};

}  // namespace relais::access
