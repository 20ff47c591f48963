// The last hour in figures, so that a person sees at once how things have been going. In memory: it begins anew with
// the process.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/admin/sources.h"
#include "broker/engine/open_referrals.h"

namespace relais::admin {

/// Exercises are not counted here.
struct InstitutionSample {
  std::string institution;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t waiting = 0;   // queued and parked
  std::int64_t oldest_ms = 0;  // 0: nothing waits
};

struct Sample {
  base::Instant at{};
  std::vector<InstitutionSample> institutions;
};

/// What was counted of the open referrals, and when.
struct Census {
  base::Instant at{};
  engine::OpenReferralTally tally;
};

/// Threads: a sampling thread of its own; the reading functions on any. start() and stop() are idempotent.
class History {
 public:
  explicit History(const Sources& sources) : sources_(sources) {}
  ~History() { stop(); }
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  void start();
  void stop();

  /// Takes one sample and counts the open referrals now; what the thread does at intervals.
  void look();

  /// Accepted and delivered in each interval and waiting at its end, of all institutions or of one:
  /// {"at": [...], "accepted": [...], "delivered": [...], "waiting": [...], "oldest_seconds": [...]}.
  [[nodiscard]] nlohmann::json series(std::string_view institution = {}) const;

  /// Over about the last minute; null before the second sample.
  [[nodiscard]] nlohmann::json rates() const;

  [[nodiscard]] std::optional<Census> census() const;

 private:
  void run();
  void take_sample();
  void take_census();

  const Sources& sources_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool quit_ = false;
  std::deque<Sample> samples_;
  std::optional<Census> census_;
  std::thread thread_;
};

}  // namespace relais::admin
