// Frames on their way from other threads to the transport thread, by session, bounded in bytes.
//
// Threads: push() any; open(), close() and take() the transport thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "broker/transport/listener.h"

#include "relais/v1/frames.pb.h"

namespace relais::transport {

struct OutboxLimits {
  std::size_t session_bytes_max = 0;
  std::size_t total_bytes_max = 0;
};

class Outbox {
 public:
  explicit Outbox(OutboxLimits limits) : limits_(limits) {}

  struct Item {
    // By pointer: a protobuf message forgets its cached size when it moves, and it was measured on the other thread.
    std::unique_ptr<v1::BrokerFrame> frame;
    std::size_t bytes = 0;  // serialised; the frame's cached sizes are those of this count
  };
  struct Pending {
    SessionId session = 0;
    std::vector<Item> items;
  };

  enum class Pushed { refused, queued, queued_first };

  /// All items or none. queued_first: the outbox was empty, whoever takes from it must be woken.
  /// refused: the session is not open, or a limit is reached.
  Pushed push(SessionId session, std::vector<Item>&& items);

  void open(SessionId session);
  /// What was waiting for it is dropped.
  void close(SessionId session);

  /// Everything that waits, in the order of the first item of each session.
  std::vector<Pending> take();

 private:
  struct Lane {
    std::vector<Item> items;
    std::size_t bytes = 0;
  };
  const OutboxLimits limits_;
  std::mutex mutex_;
  std::unordered_map<SessionId, Lane> lanes_;
  std::vector<SessionId> waiting_;
  std::size_t bytes_ = 0;
};

/// Sets the session and measures. A frame whose bytes would exceed `bytes_max` comes back as several, split between its
/// receipts, refusals, deliveries and answers, in their order, and its notice last.
std::vector<Outbox::Item> outbox_items(SessionId session, v1::BrokerFrame&& frame, std::size_t bytes_max);

}  // namespace relais::transport
