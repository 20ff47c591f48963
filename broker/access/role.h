// What somebody may be to a broker, and who somebody is.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace relais::access {

enum class Role {
  observer,       // sees how the broker and its institutions are doing
  operating,      // "operator": and acts on dead letters
  administrator,  // and puts definitions into force and makes backups
  auditor,        // sees everything, changes nothing
  partner,        // sees the delivery log of one institution
};

inline constexpr std::array kRoles = {Role::observer, Role::operating, Role::administrator, Role::auditor,
                                      Role::partner};

std::string_view role_name(Role role);
std::optional<Role> role_of(std::string_view name);

/// "observer, operator, administrator, auditor, partner"
std::string role_names();

/// Somebody who has shown who they are.
struct Person {
  std::string name;  // as actions in the journal bear it
  Role role = Role::observer;
  std::string institution;      // of a partner alone
  std::string credential = {};  // changes when what they showed is no longer good; of a local account alone
  std::string leaving = {};     // where their browser goes to log out at their provider, too; may be empty
};

}  // namespace relais::access
