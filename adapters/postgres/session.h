// A connection that comes back: one for each thread that works with the database.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/postgres/connection.h"

namespace relais::postgres {

/// Threads: one.
class Session {
 public:
  struct Options {
    ConnectionSettings connection;
    bool needs_schema = true;  // a session counts only where the schema relais has this program's version
    std::chrono::milliseconds pause_first{200};
    std::chrono::milliseconds pause_most{30'000};
  };

  /// `what` names the session in the log: "inbox", "outbox".
  Session(std::string what, Options options);

  /// The connection, opened anew when it was lost; null while the database is away. Tries at most once per pause, which
  /// doubles from failure to failure. May take the connect timeout.
  Connection* get();

  /// Counts the connections that were opened: another number means that LISTEN and locks are gone.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

  /// How long get() will answer null without trying.
  [[nodiscard]] std::chrono::milliseconds pause_left() const;

 private:
  void failed(const base::Refusal& refusal);

  std::string what_;
  Options options_;
  std::optional<Connection> connection_;
  std::chrono::milliseconds pause_;
  std::chrono::steady_clock::time_point next_try_{};
  std::uint64_t generation_ = 0;
  bool away_ = false;
};

}  // namespace relais::postgres
