// Sealed contents that the broker keeps after delivery because an agreement says so, by when they are erased.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

namespace relais::engine {

struct KeptContents {
  std::string message_id;  // 16 bytes
  std::uint64_t bytes = 0;
  base::Instant due{};
};

struct KeptSum {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

struct RetentionTally {
  KeptSum kept;
  KeptSum within_day;              // of these, due within 24 hours
  KeptSum within_week;             // within 7 days, those of the day included
  std::vector<KeptContents> next;  // the first that are due
  bool complete = true;            // false: the walk ended at its limit, and these are the first that are due
};

/// Any thread. Sees the durable state. What is not yet delivered to everybody is not counted: no day is set for it.
class Retention {
 public:
  explicit Retention(const journal::Store& store) : store_(store) {}

  [[nodiscard]] RetentionTally tally(base::Instant now, std::size_t next_most, WalkLimits limits) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
