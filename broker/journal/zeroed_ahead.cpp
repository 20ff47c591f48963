#include "broker/journal/zeroed_ahead.h"

#include <algorithm>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace relais::journal {

ZeroedAhead::ZeroedAhead(ZeroedFile file) : file_(std::move(file)) {
  try {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "zeros");
      run();
    });
  } catch (const std::system_error&) {
    // The machine gives no more threads: without zeros an append takes longer, and that is all.
  }
}

ZeroedAhead::~ZeroedAhead() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ZeroedAhead::make_way(std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  appended_ += bytes;
  piece_ += bytes;
  if (appended_ <= zeroed_) return;
  grows_ = true;
  done_.wait(lock, [this] { return !writing_; });
  zeroed_ = std::max(zeroed_, appended_);
}

void ZeroedAhead::synced() {
  {
    const std::lock_guard lock(mutex_);
    grows_ = false;
    const bool small = std::exchange(piece_, 0) <= kLargePieceBytes;
    if (small && zeroed_ - appended_ < kAheadBytes / 2) asked_ = true;
    if (!asked_) return;
  }
  wake_.notify_one();
}

void ZeroedAhead::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ends_ || (asked_ && !grows_); });
    if (ends_) return;
    asked_ = zeroed_ - appended_ < kAheadBytes;
    if (!asked_) continue;
    const std::uint64_t from = zeroed_;
    writing_ = true;
    lock.unlock();
    const std::uint64_t written = file_.write(from);
    if (written > 0) file_.sync();
    lock.lock();
    writing_ = false;
    zeroed_ = from + written;
    done_.notify_one();
    // The device is full: what is appended will find that out by itself.
    if (written == 0) return;
  }
}

}  // namespace relais::journal
