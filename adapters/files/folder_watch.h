// Wakes when something happens in a folder. Only ever a hint: whoever waits looks at the folder anyway at intervals,
// because network file systems tell nothing and the kernel's queue may overflow.
#pragma once

#include <chrono>
#include <vector>

#include "adapters/files/file_system.h"

namespace relais::files {

/// Threads: wake() any; the rest the owner's.
class FolderWatch {
 public:
  FolderWatch();
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// Names that appear complete: closed after writing, or moved in. Cheap to repeat, and to be repeated: a folder that
  /// went away and came back is another one. What can not be watched is left to the intervals.
  void watch_arrivals(const Path& folder);

  /// Names that go away.
  void watch_departures(const Path& folder);

  /// Until something happened since the last call, wake() was called, or the time is up.
  void wait(std::chrono::milliseconds at_most);

  void wake();

 private:
  void drain() const;

  int inotify_ = -1;  // -1: none to be had; then only wake() and the time end a wait
  int wake_ = -1;
};

}  // namespace relais::files
