// What persons asked of the institutions in their case, and that not all of them have answered: by the next reminder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

struct PendingRightsRequest {
  std::string case_id;  // 16 bytes
  v1::RightsRow row;
};

struct PendingRightsPage {
  std::vector<PendingRightsRequest> requests;
  std::string next;  // key to go on from; empty: there is no more
};

/// Any thread. Sees the durable state.
class RightsRequests {
 public:
  explicit RightsRequests(const journal::Store& store) : store_(store) {}

  /// From `from` (the `next` of the page before, or empty) on. A page may hold fewer than `most` and still have a next.
  [[nodiscard]] PendingRightsPage pending(std::string_view from, std::size_t most, WalkLimits limits = {}) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
