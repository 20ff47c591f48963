#include "broker/access/accounts.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::access {

namespace {

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mode == b.st_mode &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace

void Accounts::look() {
  struct stat now {};
  if (::stat(file_.c_str(), &now) != 0) now = {};
  if (looked_ && same(now, seen_)) return;
  looked_ = true;
  seen_ = now;
  auto read = read_account_file(file_);
  for (const auto& fault : read.faults)
    base::log_error("accounts can not be read", {{"file", fault.place.file},
                                                 {"line", fault.place.line},
                                                 {"field", fault.path},
                                                 {"problem", fault.problem},
                                                 {"allowed", fault.allowed}});
  accounts_ = read.faults.empty() ? std::move(read.accounts) : std::vector<Account>();
  std::erase_if(accounts_, [](const Account& account) { return account.disabled; });
}

std::optional<Account> Accounts::find(std::string_view name) {
  const std::lock_guard lock(mutex_);
  look();
  const auto found = std::ranges::find(accounts_, name, &Account::name);
  if (found == accounts_.end()) return std::nullopt;
  return *found;
}

bool Accounts::any() {
  const std::lock_guard lock(mutex_);
  look();
  return !accounts_.empty();
}

std::string Accounts::credential_of(const Account& account) {
  std::string all;
  for (const std::string_view part :
       {std::string_view(account.name), role_name(account.role), std::string_view(account.institution),
        std::string_view(account.password), std::string_view(account.totp)})
    all.append(part).push_back('\n');
  const std::string credential(base::view(base::hash(all)));
  base::wipe(all);
  return credential;
}

}  // namespace relais::access
