// The file of local accounts: TOML, mode 0600, written by the broker when somebody who may (relaisctl
// account, the console) changes an account.
//
//   [[account]]
//   name = "camille"
//   role = "operator"
//   password = "$argon2id$..."
//   totp = "..."             # with a second factor
//   institution = "caf-25"   # of a partner
//   disabled = true          # nobody logs in with it until it is enabled
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "broker/access/role.h"
#include "broker/base/result.h"
#include "broker/base/toml_reader.h"

namespace relais::access {

struct Account {
  std::string name;
  Role role = Role::observer;
  std::string institution;
  std::string password;  // its hash
  std::string totp;      // base32; empty without a second factor
  bool disabled = false;
};

/// 1 to 64 of: small letters, digits, and . _ - @ inside.
bool is_account_name(std::string_view name);
inline constexpr const char* kAccountName = "1 to 64 small letters, digits, and . _ - @ after the first";

/// Of a partner, and of nobody else: the id of an institution, as the network definition has it.
bool is_institution_of(Role role, std::string_view institution);
inline constexpr const char* kAccountInstitution =
    "a partner, and nobody else, belongs to one institution: 2 to 63 small letters, digits and -";

/// Every fault at once; the accounts are of use only when there is none. A file that is not there has no accounts and
/// no fault.
struct AccountsRead {
  std::vector<Account> accounts;
  std::vector<base::FileViolation> faults;
};
AccountsRead read_account_file(const std::filesystem::path& file);

/// Takes the place of the file at once, synced, mode 0600. The accounts are such as read_account_file() takes.
/// io.failed.
base::Status write_account_file(const std::filesystem::path& file, const std::vector<Account>& accounts);

/// While it lives no other process changes files in this folder. io.failed.
class AccountFileLock {
 public:
  static base::Result<AccountFileLock> take(const std::filesystem::path& file);
  AccountFileLock(AccountFileLock&& other) noexcept;
  AccountFileLock& operator=(AccountFileLock&&) = delete;
  ~AccountFileLock();

 private:
  explicit AccountFileLock(int folder) : folder_(folder) {}
  int folder_;
};

}  // namespace relais::access
