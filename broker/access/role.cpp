#include "broker/access/role.h"

#include "broker/base/check.h"

namespace relais::access {

std::string_view role_name(Role role) {
  switch (role) {
    case Role::observer:
      return "observer";
    case Role::operating:
      return "operator";
    case Role::administrator:
      return "administrator";
    case Role::auditor:
      return "auditor";
    case Role::partner:
      return "partner";
  }
  base::fail_check("a role has a name", std::source_location::current());
}

std::optional<Role> role_of(std::string_view name) {
  for (const Role role : kRoles)
    if (role_name(role) == name) return role;
  return std::nullopt;
}

std::string role_names() {
  std::string names;
  for (const Role role : kRoles) names.append(names.empty() ? "" : ", ").append(role_name(role));
  return names;
}

}  // namespace relais::access
