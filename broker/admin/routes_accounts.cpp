// Accounts: who may log in, and every change of that, by name and reason. No answer holds a password; a new second
// factor is told once, when it is made.
#include "broker/access/new_password.h"
#include "broker/access/totp.h"
#include "broker/admin/api.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

using access::Account;
using access::find_account;
using base::Result;
using nlohmann::json;

json account_json(const Account& account, std::size_t sessions) {
  return {{"name", account.name},
          {"role", access::role_name(account.role)},
          {"institution", account.institution.empty() ? json(nullptr) : json(account.institution)},
          {"second_factor", !account.totp.empty()},
          {"disabled", account.disabled},
          {"sessions", sessions}};
}

std::vector<std::string> all_roles() {
  std::vector<std::string> names;
  for (const auto role : access::kRoles) names.emplace_back(access::role_name(role));
  return names;
}

class AccountRoutes {
 public:
  AccountRoutes(const Sources& sources, const AccountSources& accounts)
      : sources_(sources), book_(accounts.book), sessions_(accounts.sessions) {}

  [[nodiscard]] Result<json> list(const Request& request) const {
    if (const auto said = Parameters(request).finish(); !said) return said.refusal();
    const auto accounts = book_.read();
    if (!accounts) return accounts.refusal();
    const auto sessions = sessions_.by_name();
    json shown = json::array();
    for (const auto& account : *accounts) {
      const auto open = sessions.find(account.name);
      shown.push_back(account_json(account, open == sessions.end() ? 0 : open->second));
    }
    return json{{"accounts", shown}};
  }

  [[nodiscard]] Result<json> add(const Request& request) const {
    Fields given(request.body);
    Account account;
    const auto by = signature(given, account.name);
    account.role = access::role_of(given.word("role", all_roles())).value_or(access::Role::observer);
    account.institution = given.text("institution");
    auto password = given.text("password");
    if (given.boolean("second_factor")) account.totp = access::new_totp_secret();
    if (const auto said = given.finish(); !said) return said.refusal();
    if (const auto said = access::check_new_password(password); !said) return said.refusal();
    account.password = book_.hash_of(password);
    base::wipe(password);
    return changed(by, "account.add", account.name, [&](std::vector<Account>& accounts) -> base::Status {
      if (auto said = access::check_new_account(accounts, account); !said) return said;
      accounts.push_back(account);
      return base::Done{};
    });
  }

  [[nodiscard]] Result<json> set_role(const Request& request) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    const auto role = access::role_of(given.word("role", all_roles())).value_or(access::Role::observer);
    const auto institution = given.text("institution");
    if (const auto said = given.finish(); !said) return said.refusal();
    if (!access::is_institution_of(role, institution))
      return base::refuse(base::RefusalCode::input_invalid, "institution", {{"why", access::kAccountInstitution}});
    return changed_one(by, "account.role", name, [&](Account& account) {
      account.role = role;
      account.institution = institution;
    });
  }

  [[nodiscard]] Result<json> set_password(const Request& request) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    auto password = given.text("password");
    if (const auto said = given.finish(); !said) return said.refusal();
    if (const auto said = access::check_new_password(password); !said) return said.refusal();
    const auto kept = book_.hash_of(password);
    base::wipe(password);
    return changed_one(by, "account.password", name, [&](Account& account) { account.password = kept; });
  }

  [[nodiscard]] Result<json> set_second_factor(const Request& request) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    const auto secret = given.boolean("off") ? std::string() : access::new_totp_secret();
    if (const auto said = given.finish(); !said) return said.refusal();
    return changed_one(by, "account.second_factor", name, [&](Account& account) { account.totp = secret; });
  }

  [[nodiscard]] Result<json> set_disabled(const Request& request, bool disabled) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    if (const auto said = given.finish(); !said) return said.refusal();
    return changed_one(by, disabled ? "account.disable" : "account.enable", name,
                       [&](Account& account) { account.disabled = disabled; });
  }

  [[nodiscard]] Result<json> remove(const Request& request) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    if (const auto said = given.finish(); !said) return said.refusal();
    return changed(by, "account.remove", name, [&](std::vector<Account>& accounts) -> base::Status {
      if (const auto found = find_account(accounts, name); !found) return found.refusal();
      std::erase_if(accounts, [&](const Account& account) { return account.name == name; });
      return base::Done{};
    });
  }

  /// Of whoever has a session, also by a provider of identities: they may log in again at once.
  [[nodiscard]] Result<json> sign_out(const Request& request) const {
    Fields given(request.body);
    std::string name;
    const auto by = signature(given, name);
    if (const auto said = given.finish(); !said) return said.refusal();
    auto accounts = book_.read();
    if (!accounts) return accounts.refusal();
    if (!sessions_.by_name().contains(name))
      if (const auto found = find_account(*accounts, name); !found) return found.refusal();
    auto noted = note(by, "account.sign_out", name);
    if (!noted) return noted.refusal();
    (*noted)["sessions"] = sessions_.close_all_of(name);
    return noted;
  }

 private:
  static core::Operator signature(Fields& given, std::string& name) {
    name = given.text("name");
    return {given.text("operator"), given.text("reason")};
  }

  [[nodiscard]] Result<json> note(const core::Operator& by, const char* action, const std::string& name) const {
    return act(sources_, core::NoteAction{by, action, name});
  }

  /// {"position": n}, and the second factor's address where there is a new one.
  [[nodiscard]] Result<json> changed(const core::Operator& by, const char* action, const std::string& name,
                                     const access::AccountBook::Change& what) const {
    json done;
    std::string before;
    Account after;
    const auto said = book_.change(
        [&](std::vector<Account>& accounts) -> base::Status {
          if (const auto found = find_account(accounts, name)) before = (*found)->totp;
          if (auto allowed = what(accounts); !allowed) return allowed;
          if (const auto found = find_account(accounts, name)) after = **found;
          return base::Done{};
        },
        [&]() -> base::Status {
          auto noted = note(by, action, name);
          if (!noted) return noted.refusal();
          done = std::move(*noted);
          return base::Done{};
        });
    if (!said) return said.refusal();
    sessions_.close_all_of(name);
    const bool is_new = !after.totp.empty() && after.totp != before;
    done["totp"] = is_new ? json(access::totp_address(name, after.totp)) : json(nullptr);
    return done;
  }

  [[nodiscard]] Result<json> changed_one(const core::Operator& by, const char* action, const std::string& name,
                                         const std::function<void(Account&)>& what) const {
    return changed(by, action, name, [&](std::vector<Account>& accounts) -> base::Status {
      const auto found = find_account(accounts, name);
      if (!found) return found.refusal();
      what(**found);
      return base::Done{};
    });
  }

  const Sources& sources_;
  access::AccountBook& book_;
  access::Sessions& sessions_;
};

}  // namespace

std::vector<Route> account_routes(const Sources& sources, const AccountSources& accounts) {
  const AccountRoutes routes(sources, accounts);
  return {
      {"GET", "/api/v1/accounts", [routes](const Request& request) { return routes.list(request); }},
      {"POST", "/api/v1/accounts", [routes](const Request& request) { return routes.add(request); }},
      {"POST", "/api/v1/accounts/role", [routes](const Request& request) { return routes.set_role(request); }},
      {"POST", "/api/v1/accounts/password", [routes](const Request& request) { return routes.set_password(request); }},
      {"POST", "/api/v1/accounts/second-factor",
       [routes](const Request& request) { return routes.set_second_factor(request); }},
      {"POST", "/api/v1/accounts/disable",
       [routes](const Request& request) { return routes.set_disabled(request, true); }},
      {"POST", "/api/v1/accounts/enable",
       [routes](const Request& request) { return routes.set_disabled(request, false); }},
      {"POST", "/api/v1/accounts/remove", [routes](const Request& request) { return routes.remove(request); }},
      {"POST", "/api/v1/accounts/sign-out", [routes](const Request& request) { return routes.sign_out(request); }},
  };
}

}  // namespace relais::admin
