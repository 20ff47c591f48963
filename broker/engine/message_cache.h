// The messages that are likely to be delivered next, so that a fresh one need not be read back from the disk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/message_key.h"
#include "broker/journal/store.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::engine {

/// A message as it was accepted.
struct StoredMessage {
  std::string envelope;
  std::string signature;                  // empty: the broker's own, signed when delivered
  std::vector<std::string> compartments;  // all of them, in the order of the envelope
  std::int64_t accepted_at_ms = 0;
  bool one_recipient = false;  // then every compartment is for it

  [[nodiscard]] std::size_t bytes() const;

  /// Indexes of the compartments that are sealed for `recipient`.
  [[nodiscard]] std::vector<std::size_t> compartments_for(std::string_view recipient) const;
};

/// Bounded in bytes, but for what is not yet durable: that is only here. Engine thread.
class MessageCache {
 public:
  MessageCache(const journal::Store& store, std::size_t bytes_max);

  /// `generation`: the batch that makes the message durable.
  void put(core::MessageKey key, StoredMessage message, std::uint64_t generation);
  void forget(core::MessageKey key);
  /// Its one recipient has it: its place is for others. What goes to several stays while there is room.
  void delivered(core::MessageKey key);
  void committed(std::uint64_t generation);

  /// From memory, or else from the store. Null when the store has no such message.
  std::shared_ptr<const StoredMessage> get(core::MessageKey key);

  /// The envelope alone: sealed contents are not read for it. Empty when the store has no such message.
  [[nodiscard]] std::optional<std::string> envelope(core::MessageKey key) const;

 private:
  struct Fresh {
    std::shared_ptr<const StoredMessage> message;
    std::uint64_t generation = 0;
  };

  [[nodiscard]] std::shared_ptr<const StoredMessage> held(core::MessageKey key) const;
  [[nodiscard]] std::optional<v1::MessageAccepted> recorded(core::MessageKey key, std::int64_t& at_ms) const;

  const journal::Store& store_;
  const std::size_t bytes_max_;
  std::size_t kept_bytes_ = 0;
  std::map<core::MessageKey, Fresh> fresh_;  // not yet durable; positions and generations grow together
  std::unordered_map<core::MessageKey, std::shared_ptr<const StoredMessage>, core::MessageKeyHash> kept_;
};

}  // namespace relais::engine
