#include "broker/access/account_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "broker/access/totp.h"
#include "broker/base/crypto.h"
#include "broker/base/crypto_password.h"
#include "broker/base/ids.h"
#include "broker/base/synced_file.h"

namespace relais::access {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kInstitutionMax = 63;

bool is_small_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

base::Refusal io_failed(const fs::path& path, int error) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(error)}});
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

void read_account(base::TableReader& table, std::set<std::string>& names, std::vector<Account>& accounts) {
  Account account;
  account.name = table.text("name");
  if (!is_account_name(account.name))
    table.fault("name", "name", account.name.empty() ? "is missing" : "is not a name", kAccountName);
  else if (!names.insert(account.name).second)
    table.fault("name", "name", "is given twice", "one account for each name");
  const auto role = role_of(table.text("role"));
  if (role)
    account.role = *role;
  else
    table.fault("role", "role", "is not a role", role_names());
  account.institution = table.text("institution");
  if (role && !is_institution_of(*role, account.institution))
    table.fault("institution", "institution",
                role != Role::partner         ? "is not for this role"
                : account.institution.empty() ? "is missing"
                                              : "is not an id",
                kAccountInstitution);
  account.password = table.text("password");
  if (!base::is_password_hash(account.password))
    table.fault("password", "password", "is not what is kept of a password", "what relaisctl account password writes");
  account.totp = table.text("totp");
  if (!account.totp.empty() && !is_totp_secret(account.totp))
    table.fault("totp", "totp", "is not a secret of a second factor", "what relaisctl account totp writes");
  account.disabled = table.boolean("disabled");
  accounts.push_back(std::move(account));
}

std::string file_text(const std::vector<Account>& accounts) {
  std::string text = "# Accounts of the operators' API. Secret: for its owner alone. Changed by relaisctl account.\n";
  for (const auto& account : accounts) {
    text += fmt::format("\n[[account]]\nname = \"{}\"\nrole = \"{}\"\n", account.name, role_name(account.role));
    if (!account.institution.empty()) text += fmt::format("institution = \"{}\"\n", account.institution);
    if (account.disabled) text += "disabled = true\n";
    text += fmt::format("password = \"{}\"\n", account.password);
    if (!account.totp.empty()) text += fmt::format("totp = \"{}\"\n", account.totp);
  }
  return text;
}

}  // namespace

bool is_account_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && is_small_or_digit(name.front()) &&
         std::ranges::all_of(
             name, [](char c) { return is_small_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '@'; });
}

bool is_institution_of(Role role, std::string_view institution) {
  if (role != Role::partner) return institution.empty();
  return institution.size() >= 2 && institution.size() <= kInstitutionMax && is_small_or_digit(institution.front()) &&
         std::ranges::all_of(institution, [](char c) { return is_small_or_digit(c) || c == '-'; });
}

AccountsRead read_account_file(const fs::path& file) {
  AccountsRead read;
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0 && errno == ENOENT) return read;
  base::Findings findings;
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    findings.add({file.string(), 0}, {},
                 fmt::format("others than its owner may read it (mode {:04o})", facts.st_mode & 07777U), "mode 0600");
  if (const auto content = base::read_toml(file, file.string(), findings)) {
    base::TableReader whole(*content, file.string(), {}, findings);
    std::set<std::string> names;
    whole.tables("account", "account",
                 [&](base::TableReader& table, int) { read_account(table, names, read.accounts); });
    whole.finish();
  }
  read.faults = findings.take();
  return read;
}

base::Status write_account_file(const fs::path& file, const std::vector<Account>& accounts) {
  const auto folder = folder_of(file);
  const auto temporary = folder / (".relais-accounts-" + base::hex(base::random_bytes(8)));
  const int opened = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened < 0) return io_failed(temporary, errno);
  auto text = file_text(accounts);
  int error = base::write_synced(opened, text);
  base::wipe(text);
  ::close(opened);
  if (error == 0 && ::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return io_failed(file, error);
  }
  error = base::sync_folder(folder);
  return error == 0 ? base::Status(base::Done{}) : io_failed(folder, error);
}

base::Result<AccountFileLock> AccountFileLock::take(const fs::path& file) {
  const auto folder = folder_of(file);
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return io_failed(folder, errno);
  while (::flock(opened, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    ::close(opened);
    return io_failed(folder, error);
  }
  return AccountFileLock(opened);
}

AccountFileLock::AccountFileLock(AccountFileLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}

AccountFileLock::~AccountFileLock() {
  if (folder_ >= 0) ::close(folder_);
}

}  // namespace relais::access
