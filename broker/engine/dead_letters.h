// Dead letters: some of them by a filter, in pages, and how many for which reason.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"
#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

struct DeadLetterReport {
  std::string recipient;
  core::MessageKey key;
  v1::DeadLetterRow row;
  std::string kind;
};

struct DeadLetterFilter {
  std::string recipient;  // empty: any, as each of these
  std::string reason;     // code
  std::string sender;
  std::string kind;                    // name
  std::optional<base::Instant> until;  // dead at or before
};

struct DeadLetterPage {
  std::vector<DeadLetterReport> letters;
  std::string next;  // key to go on from; empty: there is no more
};

struct DeadLetterTally {
  struct Group {
    std::uint64_t count = 0;
    std::uint64_t exercise = 0;
    std::int64_t oldest_ms = 0;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;  // by recipient and reason, of those that fit
  std::uint64_t matching = 0;
  std::uint64_t others = 0;  // looked at, and not matching
  bool complete = true;      // false: the walk ended at its limit
};

/// Any thread. Sees the durable state.
class DeadLetters {
 public:
  explicit DeadLetters(const journal::Store& store) : store_(store) {}

  /// By recipient, from the oldest of each on; from `from` (the `next` of the page before, or empty).
  [[nodiscard]] DeadLetterPage page(const DeadLetterFilter& filter, std::string_view from, std::size_t most,
                                    WalkLimits limits = {}) const;
  [[nodiscard]] DeadLetterTally tally(const DeadLetterFilter& filter, WalkLimits limits = {}) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
