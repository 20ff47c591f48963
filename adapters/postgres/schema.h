// The tables of the schema "relais" in the institution's database: installing, upgrading, checking.
#pragma once

#include <string>

#include "adapters/postgres/connection.h"

namespace relais::postgres {

/// The version that this program works with.
int schema_version();

/// SQL for psql that brings a database without the schema to schema_version().
std::string schema_script();

/// Brings the database to schema_version() in one transaction; does nothing when it is there. Several at once wait for
/// each other. Answers the version found before (0: none).
/// config.invalid when the database holds a version that this program does not know; sql_refusal() otherwise.
base::Result<int> install_schema(Connection& connection);

/// config.invalid when the schema is absent or of another version, saying what to do.
base::Status check_schema(Connection& connection);

}  // namespace relais::postgres
