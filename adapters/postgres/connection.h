// The one wall before libpq: a session with a PostgreSQL server.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/base/result.h"

struct pg_conn;
struct pg_result;

namespace relais::postgres {

/// Text as PostgreSQL reads it for the column's type; no value for NULL.
using Parameter = std::optional<std::string>;

/// The answer to one statement. Views are valid while it lives.
class Rows {
 public:
  explicit Rows(pg_result* result);

  [[nodiscard]] int size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view column_name(int column) const;

  /// "" for NULL.
  [[nodiscard]] std::string_view text(int row, int column) const;
  [[nodiscard]] bool is_null(int row, int column) const;

  /// How many rows the statement changed.
  [[nodiscard]] std::size_t changed() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

/// Where the database is. `conninfo` holds no password: it comes from the file, when there is one.
struct ConnectionSettings {
  std::string conninfo;       // "service=...", "host=... dbname=...", or "postgresql://..."
  std::string password_file;  // mode 0600; empty: peer, certificate, or none
  std::chrono::seconds connect_timeout{5};
  std::chrono::seconds statement_timeout{30};
};

/// config.invalid: `conninfo` does not parse or holds a password. Never shows the text.
base::Status check_conninfo(const std::string& conninfo);

/// One session. Commits of this session are durable whatever the database's default says. Statements with parameters
/// are prepared once. Nothing that the server says in words is kept: messages quote rows.
///
/// Threads: one at a time. Errors are sql_refusal()s; after SqlFault::away the session may be lost: see alive().
/// No call waits longer than the statement timeout and a second for a server that does not answer.
class Connection {
 public:
  /// key.file_mode, io.failed, config.invalid for the password file and the conninfo; io.failed (with what libpq says
  /// of host, port and role) when there is no session to be had.
  static base::Result<Connection> open(const ConnectionSettings& settings);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// One statement with parameters $1...
  base::Result<Rows> run(const std::string& statement, std::span<const Parameter> parameters = {});

  /// Several statements, without parameters and answers.
  base::Status run_script(const std::string& script);

  /// Waits until a notification arrives, `wake_descriptor` is readable (-1: none), the connection breaks, or `most`
  /// has passed. All notifications waiting are taken. True: there was one. sql_refusal("") when the connection broke.
  base::Result<bool> wait_for_notification(int wake_descriptor, std::chrono::milliseconds most);

  [[nodiscard]] bool alive() const;

  /// Between BEGIN and COMMIT or ROLLBACK.
  [[nodiscard]] bool in_transaction() const;

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Finish {
    void operator()(pg_conn* connection) const;
  };

  Connection(pg_conn* connection, std::chrono::seconds statement_timeout);
  base::Status settle_session();
  base::Result<std::string> prepared(const std::string& statement);
  base::Result<Rows> answer(int sent);
  bool wait_for_socket(bool writable, Deadline deadline);
  base::Refusal lost();

  std::unique_ptr<pg_conn, Finish> connection_;
  std::chrono::seconds statement_timeout_;
  std::unordered_map<std::string, std::string> names_;  // of prepared statements, by text
};

/// "schema"."table" of "schema.table"; each part quoted as an identifier.
std::string quoted_name(std::string_view dotted);

}  // namespace relais::postgres
