// A PostgreSQL server of its own for tests: a new data folder, a free loopback port, gone afterwards.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "tests/support/temporary_folder.h"

namespace relais::tests {

/// A loopback port that nobody listens on now, below those that outgoing connections get.
int free_port();

/// Starts in the constructor, stops in the destructor; dies with the test program whatever happens to it. As root the
/// server runs as the user `postgres`. Superuser `postgres`, no password. A failure to start stops the test program.
///
/// Threads: the one that built it. The server goes away when that thread ends, so let it be the test's main thread.
class ThrowawayPostgres {
 public:
  /// Where the server's programs are; empty when PostgreSQL 15 is not installed (deploy/test installs it).
  static std::optional<std::filesystem::path> programs();

  ThrowawayPostgres();
  ~ThrowawayPostgres();
  ThrowawayPostgres(const ThrowawayPostgres&) = delete;
  ThrowawayPostgres& operator=(const ThrowawayPostgres&) = delete;

  [[nodiscard]] int port() const { return port_; }

  /// For libpq: "host=127.0.0.1 port=... dbname=... user=...".
  [[nodiscard]] std::string conninfo(std::string_view database = "postgres", std::string_view user = "postgres") const;

  /// A new empty database; answers its name.
  std::string create_database();

  /// Runs SQL as superuser and answers the first column of the first row, "" when there is none. A test that gives
  /// wrong SQL is stopped.
  [[nodiscard]] std::string sql(std::string_view database, const std::string& text) const;

  /// Fast shutdown: sessions are ended, transactions rolled back.
  void stop();

  /// SIGKILL to every process of the server, as after a crash of the machine's kernel or the out-of-memory killer.
  void kill();

  /// SIGSTOP to every process of the server, and SIGCONT: it is there and does not answer.
  void suspend();
  void resume();

  /// On the same folder and port as before; waits until it answers.
  void start();

  [[nodiscard]] bool running() const { return server_ > 0; }

 private:
  void wait_until_it_answers();
  void signal_all(int signal) const;
  void reap();

  TemporaryFolder folder_;
  std::filesystem::path data_;
  int port_ = 0;
  pid_t server_ = -1;
  int databases_ = 0;
};

}  // namespace relais::tests
