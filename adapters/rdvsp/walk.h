// The catch-up: all appointments of the institution's organisations are read from the API, and what the webhooks missed
// is told like what they brought.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "adapters/http/problem_book.h"
#include "adapters/rdvsp/api.h"
#include "adapters/rdvsp/desk.h"
#include "adapters/rdvsp/exchange_config.h"
#include "broker/base/clock.h"

namespace relais::rdvsp {

struct WalkHealth {
  std::size_t walks = 0;  // complete ones, since the start
  base::Instant last_complete_at{};
  std::size_t rdvs = 0;        // read by it
  std::size_t messages = 0;    // that it made
  std::uint32_t failures = 0;  // in a row
  std::string last_failure;    // code; empty: the last one was complete
};

/// One thread of its own: walks at the start, every `walk_every` and when it is told to; after a failure again after
/// pauses that grow. Life: start() and stop() are idempotent. Everything given outlives it.
class Walk {
 public:
  Walk(Api& api, Desk& desk, Ledger& ledger, http::ProblemBook& problems, files::Post& post,
       const ExchangeConfig& config, const base::Clock& clock);
  ~Walk() { stop(); }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  void start();
  void stop();

  /// As soon as the present one has ended.
  void again();

  [[nodiscard]] WalkHealth health() const;

 private:
  void run(const std::stop_token& stop);
  std::chrono::milliseconds walk_once(const std::stop_token& stop);
  std::optional<ApiFault> walk_organisation(const std::string& organisation, const std::stop_token& stop,
                                            WalkHealth& walked);
  void look_for_gone(const std::string& organisation, const std::set<std::string>& seen) const;
  std::optional<ApiFault> take(mapping::JsonValue& rdv, std::int64_t at_ms, std::set<std::string>& seen,
                               WalkHealth& walked);

  Api& api_;
  Desk& desk_;
  Ledger& ledger_;
  http::ProblemBook& problems_;
  files::Post& post_;
  const ExchangeConfig& config_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  bool again_ = false;
  WalkHealth health_;
  std::jthread thread_;
};

}  // namespace relais::rdvsp
