// What other threads want of the transport thread, and the means to wake it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "broker/transport/access_list.h"

namespace relais::transport {

/// The state that is wanted, not a list of changes: the last word counts.
struct Orders {
  std::shared_ptr<const AccessList> access = std::make_shared<const AccessList>();
  bool draining = false;
  bool stop = false;
};

/// Threads: any; wake_fd(), clear() and take() the transport thread. Owns an eventfd.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Calls `change` on the orders and wakes the transport thread.
  template <class Change>
  void change(Change&& change) {
    {
      const std::lock_guard lock(mutex_);
      change(orders_);
      changed_ = true;
    }
    wake();
  }

  void wake();

  /// Becomes readable by wake(), until clear().
  [[nodiscard]] int wake_fd() const { return wake_fd_; }
  void clear();

  /// Empty when nothing changed since the last call.
  std::optional<Orders> take();

 private:
  const int wake_fd_;
  std::mutex mutex_;
  Orders orders_;
  bool changed_ = true;
};

}  // namespace relais::transport
