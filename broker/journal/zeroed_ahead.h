// When zeros are written into a file ahead of what is appended to it, and where.
//
// A synced append into blocks that the file already has needs one write and one flush of the device; where the file
// grows, its inode and its extents are written and waited for as well. On two cores and a virtual disk the first took
// 106 to 138 us for 4 KiB, the second 170 to 181 (three runs of limit-disk, 2026-11-27).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace relais::journal {

/// A file as ZeroedAhead sees it: another description than the one that appends go through. Used by one thread at a
/// time.
struct ZeroedFile {
  /// Writes kStepBytes zeros from there on; answers how many it could, 0 when the device takes no more.
  std::function<std::uint64_t(std::uint64_t from)> write;
  /// Makes them durable.
  std::function<void()> sync;
};

/// Zeros are durable before anything is appended to their place, and none are written between an append that makes the
/// file grow and its sync: two syncs of a growing file at once could each take the other's inode for written.
/// Threads: one appends and syncs; a thread of its own writes the zeros, never over what was or is being appended.
class ZeroedAhead {
 public:
  /// How far zeros reach at most, and how many are written in one go.
  static constexpr std::uint64_t kAheadBytes = 1u << 20;
  static constexpr std::uint64_t kStepBytes = 128u << 10;
  /// What is synced in larger pieces gains nothing: there, zeros would only be written for nothing.
  static constexpr std::uint64_t kLargePieceBytes = 64u << 10;

  /// Of an empty file.
  explicit ZeroedAhead(ZeroedFile file);
  /// When it has returned, nothing more is written.
  ~ZeroedAhead();
  ZeroedAhead(const ZeroedAhead&) = delete;
  ZeroedAhead& operator=(const ZeroedAhead&) = delete;

  /// Before an append of `bytes`. One that does not fit into the zeros waits for those that are being written.
  void make_way(std::uint64_t bytes);

  /// After a sync: the time to see to more zeros, where half of them are used up.
  void synced();

 private:
  void run();

  const ZeroedFile file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::uint64_t appended_ = 0;  // end of what was appended, or is about to be
  std::uint64_t zeroed_ = 0;    // end of the durable zeros; not less than appended_ once make_way() has returned
  std::uint64_t piece_ = 0;     // appended since the last sync
  bool grows_ = false;          // by an append that is not synced yet
  bool asked_ = false;          // for more zeros
  bool writing_ = false;        // zeros behind zeroed_
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace relais::journal
