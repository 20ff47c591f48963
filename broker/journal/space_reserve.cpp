#include "broker/journal/space_reserve.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sys/statvfs.h>

namespace relais::journal {

namespace {
// The reserve is given up piece by piece: other programs may be waiting for the same blocks.
constexpr std::uint64_t kPieces = 8;
}  // namespace

SpaceReserve::SpaceReserve(std::filesystem::path path, std::uint64_t reserve_bytes, std::uint64_t headroom_bytes)
    : path_(std::move(path)), reserve_bytes_(reserve_bytes), headroom_bytes_(headroom_bytes) {}

void SpaceReserve::take() {
  // A file left by an earlier run may have another size, or blocks that were never there.
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  const std::uint64_t free = device_free();
  if (free > headroom_bytes_) take_back(free - headroom_bytes_);
}

bool SpaceReserve::make_room(std::uint64_t bytes) {
  const std::uint64_t wanted = headroom_bytes_ + bytes;
  std::uint64_t free = device_free();
  while (free < wanted && held_bytes_ > 0) {
    const std::uint64_t piece = reserve_bytes_ / kPieces + 1;
    shrink_to(held_bytes_ > piece ? held_bytes_ - piece : 0);
    free = device_free();
  }
  // A whole piece must be spare before one is taken back, or each append would give and take.
  if (held_bytes_ < reserve_bytes_ && free > wanted + reserve_bytes_ / kPieces) take_back(free - wanted);
  return free >= wanted;
}

void SpaceReserve::release() { shrink_to(0); }

std::uint64_t SpaceReserve::free_beyond() const {
  const std::uint64_t free = device_free();
  const std::uint64_t missing = reserve_bytes_ - held_bytes_;
  return free > missing ? free - missing : 0;
}

std::uint64_t SpaceReserve::device_free() const {
  struct statvfs device {};
  if (::statvfs(path_.parent_path().c_str(), &device) != 0) return 0;
  return static_cast<std::uint64_t>(device.f_bavail) * device.f_frsize;
}

void SpaceReserve::take_back(std::uint64_t spare_bytes) {
  const std::uint64_t size = std::min(reserve_bytes_, held_bytes_ + spare_bytes);
  if (size == 0) return;
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  // Not posix_fallocate: where the file system can not reserve blocks, it would write them all.
  if (::fallocate(file, 0, 0, static_cast<off_t>(size)) == 0) held_bytes_ = size;
  ::close(file);
}

void SpaceReserve::shrink_to(std::uint64_t bytes) {
  const bool shrunk =
      bytes == 0 ? ::unlink(path_.c_str()) == 0 : ::truncate(path_.c_str(), static_cast<off_t>(bytes)) == 0;
  static_cast<void>(shrunk);
  held_bytes_ = bytes;
}

}  // namespace relais::journal
