// BEGIN to COMMIT or ROLLBACK, and again when the database asks for it.
#pragma once

#include <chrono>
#include <thread>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/sql_fault.h"

namespace relais::postgres {

/// Rolls back when it goes out of life uncommitted. `connection` outlives it.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  base::Status begin();

  /// After SqlFault::away nobody knows whether it took effect: look before doing it again.
  base::Status commit();

 private:
  Connection& connection_;
};

/// Runs `attempt`, a whole transaction, again while the database answers that it lost a race.
template <class T, class Attempt>
base::Result<T> with_attempts(const Attempt& attempt) {
  constexpr int kAttempts = 5;
  auto pause = std::chrono::milliseconds(10);
  for (int made = 1;; ++made, pause *= 2) {
    auto result = attempt();
    if (result || !is_sql(result.refusal()) || fault_of(result.refusal()) != SqlFault::again || made == kAttempts)
      return result;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace relais::postgres
