#include "adapters/files/folder_watch.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <poll.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/inotify.h>

#include "broker/base/check.h"

namespace relais::files {

FolderWatch::FolderWatch()
    : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  base::check(wake_ >= 0, "the system has a file descriptor for waking");
}

FolderWatch::~FolderWatch() {
  if (inotify_ >= 0) ::close(inotify_);
  ::close(wake_);
}

void FolderWatch::watch_arrivals(const Path& folder) {
  if (inotify_ >= 0) ::inotify_add_watch(inotify_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
}

void FolderWatch::watch_departures(const Path& folder) {
  if (inotify_ >= 0) ::inotify_add_watch(inotify_, folder.c_str(), IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR);
}

void FolderWatch::wait(std::chrono::milliseconds at_most) {
  std::array<pollfd, 2> sources{{{wake_, POLLIN, 0}, {inotify_, POLLIN, 0}}};  // poll() passes over a negative number
  const auto milliseconds = std::clamp<std::int64_t>(at_most.count(), 0, INT_MAX);
  ::poll(sources.data(), sources.size(), static_cast<int>(milliseconds));
  drain();
}

void FolderWatch::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void FolderWatch::drain() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
  // What happened, and to which name, does not matter: the folder is listed anyway.
  std::array<char, 16'384> events{};
  while (inotify_ >= 0 && ::read(inotify_, events.data(), events.size()) > 0) {
  }
}

}  // namespace relais::files
