#include "broker/access/account_book.h"

#include <algorithm>

#include "broker/base/crypto_password.h"

namespace relais::access {

namespace {

using base::RefusalCode;

base::Refusal invalid_account(const char* field, std::string why) {
  return base::refuse(RefusalCode::input_invalid, field, {{"why", std::move(why)}});
}

}  // namespace

base::Result<std::vector<Account>> AccountBook::read() const {
  auto read = read_account_file(file_);
  if (read.faults.empty()) return std::move(read.accounts);
  const auto& fault = read.faults.front();
  auto why = fault.place.file + ":" + std::to_string(fault.place.line) + ": " + fault.path + " " + fault.problem;
  if (!fault.allowed.empty()) why += "; allowed: " + fault.allowed;
  return base::refuse(RefusalCode::config_invalid, "accounts", {{"why", std::move(why)}});
}

base::Status AccountBook::change(const Change& what, const Note& note) {
  const auto lock = AccountFileLock::take(file_);
  if (!lock) return lock.refusal();
  auto accounts = read();
  if (!accounts) return accounts.refusal();
  if (auto said = what(*accounts); !said) return said;
  if (auto said = note(); !said) return said;
  return write_account_file(file_, *accounts);
}

std::string AccountBook::hash_of(const std::string& password) {
  const std::lock_guard lock(one_at_a_time_);
  return base::password_hash(password);
}

base::Result<Account*> find_account(std::vector<Account>& accounts, const std::string& name) {
  const auto found = std::ranges::find(accounts, name, &Account::name);
  if (found == accounts.end()) return base::refuse(RefusalCode::not_found, "name", {{"what", name}});
  return &*found;
}

base::Status check_new_account(const std::vector<Account>& accounts, const Account& account) {
  if (!is_account_name(account.name)) return invalid_account("name", kAccountName);
  if (std::ranges::find(accounts, account.name, &Account::name) != accounts.end())
    return invalid_account("name", "there is such an account already");
  if (!is_institution_of(account.role, account.institution)) return invalid_account("institution", kAccountInstitution);
  return base::Done{};
}

}  // namespace relais::access
