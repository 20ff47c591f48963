#include "broker/admin/permissions.h"

#include <algorithm>

namespace relais::admin {

namespace {

using access::Role;

constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }

constexpr unsigned kAdministrators = bit(Role::administrator);
constexpr unsigned kOperators = bit(Role::operating) | kAdministrators;
constexpr unsigned kJournalReaders = kOperators | bit(Role::auditor);
constexpr unsigned kReaders = kJournalReaders | bit(Role::observer);
constexpr unsigned kEverybody = kReaders | bit(Role::partner);

struct Permission {
  std::string_view route;
  unsigned roles;
};

constexpr Permission kPermissions[] = {
    {"GET /metrics", kReaders},
    {"GET /api/v1/session", kEverybody},
    {"POST /api/v1/logout", kEverybody},
    {"GET /api/v1/delivery-log", kEverybody},
    {"GET /api/v1/status", kReaders},
    {"GET /api/v1/queues", kReaders},
    {"GET /api/v1/overview", kReaders},
    {"GET /api/v1/institutions/{institution}", kReaders},
    {"GET /api/v1/messages", kReaders},
    {"GET /api/v1/messages/{message_id}", kReaders},
    {"GET /api/v1/referrals", kReaders},
    {"GET /api/v1/referrals/{referral_id}", kReaders},
    {"GET /api/v1/ids/{id}", kReaders},
    {"GET /api/v1/dead-letters", kReaders},
    {"GET /api/v1/dead-letters/reasons", kReaders},
    {"GET /api/v1/slots", kReaders},
    {"GET /api/v1/indicators", kReaders},
    {"GET /api/v1/digest", kReaders},
    {"GET /api/v1/statement", kReaders},
    {"GET /api/v1/agreements", kReaders},
    {"GET /api/v1/network", kReaders},
    {"GET /api/v1/orphans", kReaders},
    {"GET /api/v1/rights", kReaders},
    {"GET /api/v1/retention", kReaders},
    {"GET /api/v1/self-tests/{message_id}", kReaders},
    {"GET /api/v1/pauses", kReaders},
    {"GET /api/v1/audit", kJournalReaders},
    {"GET /api/v1/audit/chain", kJournalReaders},
    {"GET /api/v1/messages/{message_id}/evidence", kJournalReaders},
    {"POST /api/v1/dead-letters/requeue", kOperators},
    {"POST /api/v1/dead-letters/discard", kOperators},
    {"POST /api/v1/dead-letters/many", kOperators},
    {"POST /api/v1/self-tests", kOperators},
    {"POST /api/v1/pauses", kOperators},
    {"POST /api/v1/pauses/end", kOperators},
    {"POST /api/v1/network", kAdministrators},
    {"GET /api/v1/backups", kAdministrators},
    {"GET /api/v1/backups/{number}", kAdministrators},
    {"POST /api/v1/backups", kAdministrators},
    {"POST /api/v1/contents/purge", kAdministrators},
    {"GET /api/v1/drain", kReaders},
    {"POST /api/v1/drain", kAdministrators},
    {"POST /api/v1/drain/end", kAdministrators},
    {"GET /api/v1/accounts", kAdministrators},
    {"POST /api/v1/accounts", kAdministrators},
    {"POST /api/v1/accounts/role", kAdministrators},
    {"POST /api/v1/accounts/password", kAdministrators},
    {"POST /api/v1/accounts/second-factor", kAdministrators},
    {"POST /api/v1/accounts/disable", kAdministrators},
    {"POST /api/v1/accounts/enable", kAdministrators},
    {"POST /api/v1/accounts/remove", kAdministrators},
    {"POST /api/v1/accounts/sign-out", kAdministrators},
};

}  // namespace

bool may(Role role, std::string_view route) {
  const auto* const found = std::ranges::find(kPermissions, route, &Permission::route);
  return found != std::end(kPermissions) && (found->roles & bit(role)) != 0;
}

std::vector<std::string> allowed_to(Role role) {
  std::vector<std::string> routes;
  for (const auto& permission : kPermissions)
    if ((permission.roles & bit(role)) != 0) routes.emplace_back(permission.route);
  return routes;
}

std::vector<std::string> routes_with_permission() {
  std::vector<std::string> routes;
  for (const auto& permission : kPermissions) routes.emplace_back(permission.route);
  return routes;
}

}  // namespace relais::admin
