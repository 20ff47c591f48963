// Referrals whose loop is not closed, by their next deadline. Each has exactly one timer: walking the timers finds them
// without looking at those that are closed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/clock.h"
#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

struct OpenReferral {
  std::string referral_id;  // 16 bytes
  v1::ReferralRow row;
};

/// Nobody holds it, or whoever had to act was told that the deadline passed, and has not acted since.
[[nodiscard]] bool is_orphan(const v1::ReferralRow& row);

struct OpenReferralFilter {
  std::string institution;  // sender, recipient or holder; empty: any
  std::string status;       // name; empty: any
  std::string agreement;    // id; empty: any
  bool orphans = false;     // only those that is_orphan() finds
};

struct OpenReferralPage {
  std::vector<OpenReferral> referrals;
  std::string next;  // key to go on from; empty: there is no more
};

struct OpenReferralTally {
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;
  Counts by_status;     // real ones
  Counts by_agreement;  // real ones
  Counts overdue;       // real ones, by holder: a deadline passed, and nothing has moved them on since
  std::uint64_t real = 0;
  std::uint64_t exercise = 0;
  std::uint64_t orphans = 0;                     // among the real ones
  std::optional<std::int64_t> oldest_opened_ms;  // of the real ones
  bool complete = true;  // false: the walk ended at its limit, and these are the nearest deadlines
};

/// Any thread. Sees the durable state.
class OpenReferrals {
 public:
  explicit OpenReferrals(const journal::Store& store) : store_(store) {}

  /// From `from` (the `next` of the page before, or empty) on. A page may hold fewer than `most` and still have a next.
  [[nodiscard]] OpenReferralPage page(const OpenReferralFilter& filter, std::string_view from, std::size_t most,
                                      WalkLimits limits = {}) const;
  [[nodiscard]] OpenReferralTally tally(base::Instant now, WalkLimits limits) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
