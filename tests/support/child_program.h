// A program of the build as a child: killed, suspended, stopped; it dies with the test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace relais::tests {

/// Output goes to the log file, appended. Threads: the one that starts it must outlive it.
class ChildProgram {
 public:
  ChildProgram(std::vector<std::string> command, std::filesystem::path log);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  void start();
  /// SIGTERM; answers the exit code, -1 when a signal ended it.
  int stop();
  /// SIGKILL.
  void kill();
  /// Until it ends by itself; answers as stop().
  int wait_for_end();
  /// SIGSTOP and SIGCONT.
  void suspend();
  void resume();
  [[nodiscard]] bool running();
  [[nodiscard]] const std::filesystem::path& log() const { return log_; }

 private:
  int wait();

  std::vector<std::string> command_;
  std::filesystem::path log_;
  pid_t child_ = -1;
};

}  // namespace relais::tests
