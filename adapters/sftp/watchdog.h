// Ends what takes too long: libssh waits for a server that says nothing more, each function in its own way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace relais::sftp {

/// Shuts a socket down when nobody says in time that things go on; whoever waits for it then learns that the line is
/// gone.
///
/// Threads: interrupt() any; the rest the owner's. A thread of its own, for as long as it lives.
class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// From now on for this socket.
  void guard(int socket);
  /// Before the socket is closed: its number may be somebody else's at once.
  void release();

  /// All is well until `time` from now.
  void allow(std::chrono::milliseconds time);
  /// Nothing is going on.
  void rest();

  /// The line can not be trusted any more: whatever still waits for it ends.
  void shut_down();

  /// Shuts down, at once and for good.
  void interrupt();

  [[nodiscard]] bool interrupted() const;
  /// That the socket guarded last was shut down because time was up, or by interrupt().
  [[nodiscard]] bool fired() const;

 private:
  void run();
  void fire();  // with the lock

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::time_point::max();
  int socket_ = -1;
  bool fired_ = false;
  bool interrupted_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace relais::sftp
