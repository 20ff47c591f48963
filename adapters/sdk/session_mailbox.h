// What other threads want of the session thread, and the means to wake it.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/base/result.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// What became of one delivery of one session.
struct Settlement {
  std::uint64_t session = 0;
  std::uint64_t delivery_id = 0;
  v1::Settle verdict;  // without delivery ids
};

/// A query of another thread, which waits for it until `until`.
struct Question {
  v1::Query query;
  std::chrono::steady_clock::time_point until;
  std::promise<base::Result<v1::Answer>> answer;
};

struct SessionOrders {
  bool stop = false;
  bool refresh_network = false;
  std::vector<Settlement> settlements;
  std::vector<std::uint64_t> routed;  // of the outbox
  std::vector<std::shared_ptr<Question>> questions;
};

/// Threads: any; wake_fd() and take() the session's. Owns an eventfd.
class SessionMailbox {
 public:
  SessionMailbox();
  ~SessionMailbox();
  SessionMailbox(const SessionMailbox&) = delete;
  SessionMailbox& operator=(const SessionMailbox&) = delete;

  template <class Add>
  void post(const Add& add) {
    {
      const std::lock_guard lock(mutex_);
      add(orders_);
    }
    wake();
  }
  void wake();

  /// Readable from wake() to take().
  [[nodiscard]] int wake_fd() const { return wake_fd_; }

  /// `stop` stays.
  SessionOrders take();

 private:
  const int wake_fd_;
  std::mutex mutex_;
  SessionOrders orders_;
};

}  // namespace relais::sdk
