// What a failed statement means for the message it was for.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/refusal.h"

namespace relais::postgres {

enum class SqlFault {
  away,   // the database does not answer, is full or is starting: the same will succeed when it is back
  again,  // serialization failure, deadlock, lock not to be had: at once again
  row,    // this row offends a type, a constraint or a trigger of the institution's table: others may pass
  setup,  // a table, a column or a right is missing: nobody's row is at fault, a person must act
};

/// Five characters, "" when the connection broke before the server said one.
SqlFault classify(std::string_view sqlstate);

/// `io.failed` that knows its SQLSTATE and nothing else: what the server says besides quotes the row.
base::Refusal sql_refusal(std::string_view sqlstate);

/// Whether it was made by sql_refusal(); of others the functions below know nothing.
bool is_sql(const base::Refusal& refusal);
std::string_view sqlstate_of(const base::Refusal& refusal);
SqlFault fault_of(const base::Refusal& refusal);

/// A code for Retry and Reject: "database.unavailable", "database.busy", "database.row_refused", "database.setup".
std::string_view reason_code(SqlFault fault);

}  // namespace relais::postgres
