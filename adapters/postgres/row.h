// A row of a table as text: what PostgreSQL, the mapping and the columns of a message have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/mapping/result.h"
#include "adapters/postgres/connection.h"

namespace relais::postgres {

/// The text of a column; "" when it is absent, NULL or empty. Valid while the row lives.
std::string_view cell(const mapping::SqlRow& row, std::string_view column);

mapping::SqlRow row_of(const Rows& rows, int row);

/// Milliseconds since 1970 of "2024-05-01 10:00:00.123+02": a timestamptz as sessions of Connection get it, in whatever
/// zone the database has.
std::optional<std::int64_t> time_from_text(std::string_view text);

/// "2024-05-01 08:00:00.123+00", which names the instant whatever the session's zone.
std::string time_text(std::int64_t ms);

/// NULL instead of an empty text.
Parameter or_null(std::string_view text);

/// An id as a uuid's text; NULL when empty.
Parameter uuid(std::string_view bytes);

}  // namespace relais::postgres
