// relaisctl account: who may log in to the operators' API. Changes the broker's file of accounts; a running broker
// obeys at once.
#include "broker/cli/account_commands.h"

#include <algorithm>
#include <memory>

#include "broker/access/account_file.h"
#include "broker/access/totp.h"
#include "broker/base/crypto.h"
#include "broker/base/crypto_password.h"
#include "broker/cli/options.h"
#include "broker/cli/password_prompt.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using access::Account;
using base::RefusalCode;

struct AccountWanted {
  fs::path data;
  fs::path file;
  std::string name;
  std::string role;
  std::string institution;
  bool totp = false;
  bool off = false;
};

/// Done, or why not; a change that is refused changes nothing.
using Change = std::function<base::Status(std::vector<Account>&)>;

base::Refusal invalid(std::string field, std::string why) {
  return base::refuse(RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

fs::path file_of(const AccountWanted& wanted) {
  return wanted.file.empty() ? wanted.data / "accounts.toml" : wanted.file;
}

int change(const AccountWanted& wanted, const Console& console, const Change& what,
           const std::function<Report()>& report) {
  const auto file = file_of(wanted);
  const auto lock = access::AccountFileLock::take(file);
  if (!lock) return console.refuse(lock.refusal());
  auto read = access::read_account_file(file);
  if (!read.faults.empty()) return console.violations({}, read.faults);
  if (const auto done = what(read.accounts); !done) return console.refuse(done.refusal());
  if (const auto written = access::write_account_file(file, read.accounts); !written)
    return console.refuse(written.refusal());
  return console.show(report());
}

base::Result<Account*> find(std::vector<Account>& accounts, const std::string& name) {
  const auto found = std::ranges::find(accounts, name, &Account::name);
  if (found == accounts.end()) return base::refuse(RefusalCode::not_found, "name", {{"what", name}});
  return &*found;
}

base::Result<Account> account_in(const AccountWanted& wanted) {
  Account account;
  if (!access::is_account_name(wanted.name)) return invalid("name", access::kAccountName);
  account.name = wanted.name;
  const auto role = access::role_of(wanted.role);
  if (!role) return invalid("role", "one of " + access::role_names());
  account.role = *role;
  account.institution = wanted.institution;
  if (!access::is_institution_of(*role, wanted.institution)) return invalid("institution", access::kAccountInstitution);
  return account;
}

Report said_of(const Account& account) {
  Report report;
  report.fact("name", "name", account.name).fact("role", "role", std::string(access::role_name(account.role)));
  if (!account.institution.empty()) report.fact("institution", "institution", account.institution);
  report.fact("second_factor", "second factor", !account.totp.empty());
  return report;
}

/// The one time that the secret is shown.
Report with_secret(Report report, const Account& account) {
  return report.fact("totp", "for the telephone", access::totp_address(account.name, account.totp));
}

int add(const AccountWanted& wanted, const Console& console) {
  auto account = account_in(wanted);
  if (!account) return console.refuse(account.refusal());
  auto password = ask_new_password();
  if (!password) return console.refuse(password.refusal());
  account->password = base::password_hash(*password);
  base::wipe(*password);
  if (wanted.totp) account->totp = access::new_totp_secret();
  return change(
      wanted, console,
      [&](std::vector<Account>& accounts) -> base::Status {
        if (find(accounts, account->name)) return invalid("name", "there is such an account already");
        accounts.push_back(*account);
        return base::Done{};
      },
      [&] { return wanted.totp ? with_secret(said_of(*account), *account) : said_of(*account); });
}

int list(const AccountWanted& wanted, const Console& console) {
  const auto read = access::read_account_file(file_of(wanted));
  if (!read.faults.empty()) return console.violations({}, read.faults);
  Table table{"accounts",
              {},
              {{"name", "name"}, {"role", "role"}, {"institution", "institution"}, {"second_factor", "second factor"}},
              {}};
  for (const auto& account : read.accounts)
    table.rows.push_back({account.name, std::string(access::role_name(account.role)),
                          account.institution.empty() ? Json(nullptr) : Json(account.institution),
                          !account.totp.empty()});
  return console.show(Report().table(std::move(table)));
}

int remove(const AccountWanted& wanted, const Console& console) {
  return change(
      wanted, console,
      [&](std::vector<Account>& accounts) -> base::Status {
        if (const auto found = find(accounts, wanted.name); !found) return found.refusal();
        std::erase_if(accounts, [&](const Account& account) { return account.name == wanted.name; });
        return base::Done{};
      },
      [&] { return Report().fact("removed", "removed", wanted.name); });
}

/// Changes one account, and says what it is then.
int change_one(const AccountWanted& wanted, const Console& console, const std::function<void(Account&)>& what,
               bool show_secret) {
  Account after;
  return change(
      wanted, console,
      [&](std::vector<Account>& accounts) -> base::Status {
        const auto found = find(accounts, wanted.name);
        if (!found) return found.refusal();
        what(**found);
        after = **found;
        return base::Done{};
      },
      [&] { return show_secret ? with_secret(said_of(after), after) : said_of(after); });
}

int set_password(const AccountWanted& wanted, const Console& console) {
  auto password = ask_new_password();
  if (!password) return console.refuse(password.refusal());
  const auto kept = base::password_hash(*password);
  base::wipe(*password);
  return change_one(
      wanted, console, [&](Account& account) { account.password = kept; }, false);
}

int set_totp(const AccountWanted& wanted, const Console& console) {
  const auto secret = wanted.off ? std::string() : access::new_totp_secret();
  return change_one(
      wanted, console, [&](Account& account) { account.totp = secret; }, !wanted.off);
}

std::shared_ptr<AccountWanted> add_command(CLI::App& account, Action& action, const char* name, const char* help,
                                           int (*run)(const AccountWanted&, const Console&), bool named,
                                           CLI::App** made = nullptr) {
  auto* const command = account.add_subcommand(name, help);
  auto wanted = std::make_shared<AccountWanted>();
  if (named) command->add_option("NAME", wanted->name, "of the account")->required()->type_name("");
  add_data_option(*command, wanted->data);
  command->add_option("--file", wanted->file, "the file of accounts, when not accounts.toml in the data folder")
      ->type_name("FILE");
  command->callback([&action, wanted, run] { action = [wanted, run](const Console& c) { return run(*wanted, c); }; });
  if (made != nullptr) *made = command;
  return wanted;
}

}  // namespace

void add_account_commands(CLI::App& app, Action& action) {
  auto* const account = app.add_subcommand("account", "who may log in to the console and the operators' API");
  account->require_subcommand(1);
  CLI::App* command = nullptr;
  auto wanted = add_command(*account, action, "add", "a new one; asks for its password", add, true, &command);
  command->add_option("--role", wanted->role, access::role_names())->required()->type_name("ROLE");
  command->add_option("--institution", wanted->institution, "of a partner: the one whose delivery log it sees")
      ->type_name("ID");
  command->add_flag("--totp", wanted->totp, "with a second factor; prints the address for the telephone");
  add_command(*account, action, "list", "show them", list, false);
  add_command(*account, action, "remove", "take one away; its sessions end", remove, true);
  add_command(*account, action, "password", "give one another password; its sessions end", set_password, true);
  wanted = add_command(*account, action, "totp", "give one a new second factor; prints the address for the telephone",
                       set_totp, true, &command);
  command->add_flag("--off", wanted->off, "take the second factor away");
}

}  // namespace relais::cli
