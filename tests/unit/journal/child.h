// This program again, with one job that may be killed or end badly while its parent looks on.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include <sys/wait.h>

#include "broker/base/check.h"
#include "broker/core/message_key.h"

namespace relais::journal {

constexpr std::string_view kChildOption = "--child";

/// Jobs, and the functions that do them; main.cpp chooses. A failed expectation in one ends it with exit code 1.
constexpr std::string_view kAppendUntilKilled = "append-until-killed";
constexpr std::string_view kAppendOnFullDevice = "append-on-full-device";
constexpr std::string_view kBackUpAndDie = "back-up-and-die";
void append_until_killed(const std::filesystem::path& folder);    // rocks_crash_test.cpp
void append_on_full_device(const std::filesystem::path& device);  // rocks_full_disk_test.cpp
void back_up_and_die(const std::filesystem::path& folder);        // backup_test.cpp

class Child {
 public:
  Child(std::string_view job, const std::filesystem::path& folder) {
    int ends[2];
    base::check(::pipe2(ends, O_CLOEXEC) == 0, "a pipe can be made");
    told_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], kTold);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string name = "unit_journal", option(kChildOption), given(job), where = folder.string();
    char* arguments[] = {name.data(), option.data(), given.data(), where.data(), nullptr};
    base::check(::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0,
                "the child starts");
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }
  ~Child() {
    kill();
    ::close(told_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t process() const { return process_; }

  /// The next position told; 0 when the child is gone and all was read.
  core::Position next() {
    core::Position position = 0;
    return ::read(told_, &position, sizeof position) == sizeof position ? position : 0;
  }

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    wait();
  }

  /// How it ended, as waitpid() says.
  int wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return status;
  }

  /// In the child: this was acknowledged.
  static void tell(core::Position position) {
    base::check(::write(kTold, &position, sizeof position) == static_cast<ssize_t>(sizeof position),
                "the parent listens");
  }

 private:
  static constexpr int kTold = 3;  // file on which the child tells each acknowledged position

  pid_t process_ = 0;
  int told_ = -1;
};

}  // namespace relais::journal
