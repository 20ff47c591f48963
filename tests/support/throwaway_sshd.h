// An OpenSSH server of its own for tests: own keys, own configuration, a free loopback port, one account, SFTP only.
#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

#include "tests/support/temporary_folder.h"

namespace relais::tests {

/// Starts in the constructor, ends in the destructor; dies with the test program whatever happens to it. As root the
/// account is `nobody`, otherwise who runs the tests. A failure to start stops the test program.
///
/// Threads: the one that built it.
class ThrowawaySshd {
 public:
  ThrowawaySshd();
  ~ThrowawaySshd();
  ThrowawaySshd(const ThrowawaySshd&) = delete;
  ThrowawaySshd& operator=(const ThrowawaySshd&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& user() const { return user_; }

  /// Of a client; the server lets it in.
  [[nodiscard]] std::filesystem::path client_key() const { return folder_.path() / "client"; }
  /// With the key of this server, for its port.
  [[nodiscard]] std::filesystem::path known_hosts() const { return folder_.path() / "known_hosts"; }

  /// A new folder on the server, the account's own; answers its path there, which is its path here.
  [[nodiscard]] std::filesystem::path make_folder(const std::string& name) const;
  /// A file of the account, complete at once.
  void drop(const std::filesystem::path& folder, const std::string& name, std::string_view bytes) const;
  /// Gives what a test made to the account.
  void give(const std::filesystem::path& path) const;

  /// Another key pair: what a client has never seen, or a server has never let in.
  [[nodiscard]] std::filesystem::path new_key(const std::string& name, const std::string& passphrase = {}) const;
  /// From the next start() on.
  void change_host_key();

  /// SIGKILL to the server and every session of it.
  void kill();
  /// SIGKILL to the sessions alone: lines break, the server goes on.
  void kill_sessions();
  /// SIGSTOP to all, and SIGCONT: it is there and does not answer.
  void suspend();
  void resume();
  /// On the same port as before; waits until it answers.
  void start();

  [[nodiscard]] std::string log() const;

 private:
  void write_configuration() const;
  void write_known_hosts() const;
  void wait_until_it_answers();
  [[nodiscard]] bool answers() const;
  void signal_all(int signal) const;

  TemporaryFolder folder_;
  std::string user_;
  uid_t uid_;
  gid_t gid_;
  int port_;
  pid_t server_ = -1;
};

}  // namespace relais::tests
