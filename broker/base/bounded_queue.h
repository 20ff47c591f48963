// Where two threads meet: many may push, one takes everything at once. The only mutex between the floors.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace relais::base {

/// Bounded in items. A full queue refuses, it never blocks the producer.
/// Threads: push() any; take() one consumer. Items are moved out in the order of their pushes.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t items_max) : items_max_(items_max) {}

  /// False when full or closed; `item` is then untouched.
  [[nodiscard]] bool push(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= items_max_) return false;
      items_.push_back(std::move(item));
      if (items_.size() != 1) return true;
    }
    wake_.notify_one();
    return true;
  }

  /// For what must not be lost and is bounded by other means; only a closed queue drops it.
  void push_regardless(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      items_.push_back(std::move(item));
      if (items_.size() != 1) return;
    }
    wake_.notify_one();
  }

  /// Takes at most `count`, waiting until `deadline` for the first one. Empty after the deadline, or once closed and
  /// drained.
  std::vector<T> take(std::size_t count, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, deadline, [&] { return !items_.empty() || closed_ || poked_; });
    poked_ = false;
    std::vector<T> taken;
    if (items_.size() <= count) {
      taken.swap(items_);
    } else {
      const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count);
      taken.assign(std::make_move_iterator(items_.begin()), std::make_move_iterator(end));
      items_.erase(items_.begin(), end);
    }
    return taken;
  }

  /// Makes one take() return even when there is nothing.
  void poke() {
    {
      const std::lock_guard lock(mutex_);
      poked_ = true;
    }
    wake_.notify_one();
  }

  /// No more pushes; what is inside can still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t items_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<T> items_;
  bool closed_ = false;
  bool poked_ = false;
};

}  // namespace relais::base
