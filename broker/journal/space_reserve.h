// Disk space put aside while there is some, so that a full disk stops submissions first and acknowledgements last.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace relais::journal {

/// A file without content that occupies blocks. Appends always find `headroom_bytes` free, which RocksDB needs to
/// flush and compact behind them: when the device has less, the file gives up blocks until it is used up; when the
/// device has room again, it takes them back.
///
/// Threads: free_beyond() any; all else one thread.
class SpaceReserve {
 public:
  SpaceReserve(std::filesystem::path path, std::uint64_t reserve_bytes, std::uint64_t headroom_bytes);

  /// Takes the reserve, as far as there is room. Without this call nothing is held and nothing on the device changes.
  void take();

  /// True when `bytes` more can be written and the headroom is left.
  [[nodiscard]] bool make_room(std::uint64_t bytes);

  /// Gives up all of the reserve.
  void release();

  /// Bytes free on the device, not counting those the reserve is still to take back.
  [[nodiscard]] std::uint64_t free_beyond() const;

 private:
  [[nodiscard]] std::uint64_t device_free() const;
  void take_back(std::uint64_t spare_bytes);
  void shrink_to(std::uint64_t bytes);

  const std::filesystem::path path_;
  const std::uint64_t reserve_bytes_;
  const std::uint64_t headroom_bytes_;
  std::atomic<std::uint64_t> held_bytes_ = 0;
};

}  // namespace relais::journal
