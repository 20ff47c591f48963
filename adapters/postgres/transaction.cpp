#include "adapters/postgres/transaction.h"

namespace relais::postgres {

Transaction::~Transaction() {
  if (connection_.alive() && connection_.in_transaction()) (void)connection_.run_script("ROLLBACK");
}

base::Status Transaction::begin() { return connection_.run_script("BEGIN"); }

base::Status Transaction::commit() { return connection_.run_script("COMMIT"); }

}  // namespace relais::postgres
