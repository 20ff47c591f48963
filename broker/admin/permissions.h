// Which role may call which route: one table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/access/role.h"

namespace relais::admin {

/// `route` as in openapi.json: "GET /api/v1/status". What is not in the table is for nobody.
bool may(access::Role role, std::string_view route);

/// All that this role may call.
std::vector<std::string> allowed_to(access::Role role);

/// Every route of the table.
std::vector<std::string> routes_with_permission();

}  // namespace relais::admin
