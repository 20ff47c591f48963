// The messages of one institution and one urgency that can be delivered now, in order.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "broker/core/message_key.h"
#include "broker/core/tables.h"

namespace relais::engine {

/// A window in memory over the queue's table: a backlog of millions costs what its first hundreds cost. Reading goes on
/// from where it stopped and never walks over what was delivered before. Engine thread.
class ReadyList {
 public:
  /// `prefix`: keys::queue_class of the institution and urgency.
  explicit ReadyList(std::string prefix);

  /// A message became ready, or its delivery came back.
  void add(core::MessageKey key);
  void remove(core::MessageKey key);

  /// Takes the first one out; empty when there is none. Reads on in `tables` when the window is empty.
  std::optional<core::MessageKey> take(const core::Tables& tables);

 private:
  void read_on(const core::Tables& tables);

  std::string prefix_;
  std::set<core::MessageKey> window_;
  core::MessageKey read_from_{};  // everything before it is in the window, taken or gone
  bool read_all_ = false;         // so is everything behind it
};

}  // namespace relais::engine
