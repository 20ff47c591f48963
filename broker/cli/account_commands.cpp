// relaisctl account: who may log in to the console and the operators' API. Asks the running broker, which notes every
// change in its journal and obeys at once.
#include "broker/cli/account_commands.h"

#include <memory>

#include "broker/access/role.h"
#include "broker/base/crypto.h"
#include "broker/cli/answer.h"
#include "broker/cli/options.h"
#include "broker/cli/password_prompt.h"

namespace relais::cli {

namespace {

struct AccountWanted {
  std::filesystem::path data;
  std::string name;
  std::string role;
  std::string institution;
  bool totp = false;
  bool off = false;
  Signature signature;
};

Answer body_of(const AccountWanted& wanted) {
  return {{"operator", wanted.signature.name}, {"reason", wanted.signature.reason}, {"name", wanted.name}};
}

/// The address of a second factor is shown this one time.
int show_done(const base::Result<Answer>& done, const AccountWanted& wanted, const Console& console) {
  if (!done) return console.refuse(done.refusal());
  Report report;
  report.fact("name", "name", wanted.name).fact("position", "journal position", cell(*done, "position"));
  if (const auto address = cell(*done, "totp"); !address.is_null()) report.fact("totp", "for the telephone", address);
  return console.show(report);
}

using Post = base::Result<Answer> (*)(const BrokerClient&, const Answer&);

int change(const AccountWanted& wanted, const Answer& body, Post post, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  return show_done(post(*client, body), wanted, console);
}

/// Asked for on this machine, and sent to the broker on this machine.
int change_with_password(const AccountWanted& wanted, Answer body, Post post, const Console& console) {
  auto password = ask_new_password();
  if (!password) return console.refuse(password.refusal());
  body["password"] = *password;
  base::wipe(*password);
  return change(wanted, body, post, console);
}

int add(const AccountWanted& wanted, const Console& console) {
  auto body = body_of(wanted);
  body["role"] = wanted.role;
  body["institution"] = wanted.institution;
  body["second_factor"] = wanted.totp;
  return change_with_password(
      wanted, std::move(body),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts", asked); }, console);
}

int set_password(const AccountWanted& wanted, const Console& console) {
  return change_with_password(
      wanted, body_of(wanted),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/password", asked); },
      console);
}

int set_role(const AccountWanted& wanted, const Console& console) {
  auto body = body_of(wanted);
  body["role"] = wanted.role;
  body["institution"] = wanted.institution;
  return change(
      wanted, body,
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/role", asked); },
      console);
}

int set_totp(const AccountWanted& wanted, const Console& console) {
  auto body = body_of(wanted);
  body["off"] = wanted.off;
  return change(
      wanted, body,
      [](const BrokerClient& client, const Answer& asked) {
        return client.post("/api/v1/accounts/second-factor", asked);
      },
      console);
}

int disable(const AccountWanted& wanted, const Console& console) {
  return change(
      wanted, body_of(wanted),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/disable", asked); },
      console);
}

int enable(const AccountWanted& wanted, const Console& console) {
  return change(
      wanted, body_of(wanted),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/enable", asked); },
      console);
}

int remove(const AccountWanted& wanted, const Console& console) {
  return change(
      wanted, body_of(wanted),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/remove", asked); },
      console);
}

int sign_out(const AccountWanted& wanted, const Console& console) {
  return change(
      wanted, body_of(wanted),
      [](const BrokerClient& client, const Answer& asked) { return client.post("/api/v1/accounts/sign-out", asked); },
      console);
}

Report accounts_report(const Answer& answer) {
  Table table{"accounts",
              {},
              {{"name", "name"},
               {"role", "role"},
               {"institution", "institution"},
               {"second_factor", "second factor"},
               {"disabled", "disabled"},
               {"sessions", "sessions", true}},
              {}};
  add_rows(table, answer["accounts"]);
  return Report().table(std::move(table));
}

std::pair<CLI::App*, std::shared_ptr<AccountWanted>> add_command(CLI::App& group, Action& action, const char* name,
                                                                 const char* help,
                                                                 int (*run)(const AccountWanted&, const Console&)) {
  auto* const command = group.add_subcommand(name, help);
  auto wanted = std::make_shared<AccountWanted>();
  command->add_option("NAME", wanted->name, "of the account")->required()->type_name("");
  add_data_option(*command, wanted->data);
  add_signature_options(*command, wanted->signature);
  command->callback([&action, wanted, run] { action = [wanted, run](const Console& c) { return run(*wanted, c); }; });
  return {command, wanted};
}

void add_role_options(CLI::App& command, AccountWanted& wanted) {
  command.add_option("--role", wanted.role, access::role_names())->required()->type_name("ROLE");
  command.add_option("--institution", wanted.institution, "of a partner: the one whose delivery log it sees")
      ->type_name("ID");
}

}  // namespace

void add_account_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("account", "who may log in to the console and the operators' API");
  group->require_subcommand(1);
  const auto [added, added_wanted] = add_command(*group, action, "add", "a new one; asks for its password", add);
  add_role_options(*added, *added_wanted);
  added->add_flag("--totp", added_wanted->totp, "with a second factor; prints the address for the telephone");
  auto* const listed = group->add_subcommand("list", "show them, and how many sessions each has");
  const auto list_wanted = std::make_shared<AccountWanted>();
  add_data_option(*listed, list_wanted->data);
  listed->callback([&action, list_wanted] {
    action = [=](const Console& c) { return ask(list_wanted->data, "/api/v1/accounts", {}, accounts_report, c); };
  });
  const auto [ruled, role_wanted] =
      add_command(*group, action, "role", "give one another role; its sessions end", set_role);
  add_role_options(*ruled, *role_wanted);
  add_command(*group, action, "password", "give one another password; its sessions end", set_password);
  const auto [factored, totp_wanted] = add_command(
      *group, action, "totp", "give one a new second factor; prints the address for the telephone", set_totp);
  factored->add_flag("--off", totp_wanted->off, "take the second factor away");
  add_command(*group, action, "disable", "let nobody log in with one; its sessions end", disable);
  add_command(*group, action, "enable", "let its person log in again", enable);
  add_command(*group, action, "remove", "take one away; its sessions end", remove);
  add_command(*group, action, "sign-out", "end all sessions of a person, who may log in again", sign_out);
}

}  // namespace relais::cli
