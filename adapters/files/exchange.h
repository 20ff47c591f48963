// One institution's folders at work: a thread that reads what the software drops and writes what is for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/files/exchange_config.h"
#include "adapters/files/folder_watch.h"
#include "adapters/files/intake.h"
#include "adapters/files/notices.h"
#include "adapters/files/outgo.h"
#include "broker/base/clock.h"

namespace relais::files {

/// A snapshot for people and probes. Codes, numbers and ids only.
struct ExchangeHealth {
  std::string institution;
  std::string fault_place;  // "in", "out", "work", ..., "store", "network"; empty: all is well
  std::string fault;        // code of file_system.h or of the refusal catalogue
  std::size_t waiting = 0;  // files in `in` that are not complete yet
  std::size_t claimed = 0;  // files being read or to be read again
  std::size_t lone_markers = 0;
  std::size_t strange = 0;  // things in `in` that are no files
  Intake::Counts counts;
  base::Instant last_round{};  // an old one: the file system does not answer

  [[nodiscard]] bool well() const { return fault.empty(); }
};

/// Threads: take() on the SDK's handler thread; start(), stop() from one thread; health(), wake() any.
/// Everything given outlives it. A fault of these folders is told in health() and the log, and ends by itself.
class Exchange {
 public:
  Exchange(Post& post, const ExchangeConfig& config, const base::Clock& clock);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start();
  void stop();  // after the present file's present batch
  void wake() { watch_.wake(); }

  sdk::Verdict take(const sdk::Incoming& message);

  /// Everything that can be done now, once; the thread repeats this. For tests it may be called without a thread.
  /// Answers for how long there will be nothing to do unless something happens.
  std::chrono::milliseconds round();

  [[nodiscard]] ExchangeHealth health() const;
  [[nodiscard]] const std::string& institution() const { return config_.institution; }

 private:
  void run();
  FolderFault usable_folders();
  void first_round();
  base::Status outgoing(base::Instant now);
  bool incoming(base::Instant now);
  base::Status process(const Claim& claim);
  void tell_fault(const std::string& place, const std::string& code);
  void publish();

  Post& post_;
  const ExchangeConfig& config_;
  const base::Clock& clock_;
  Placer placer_;
  Intake intake_;
  Outgo outgo_;
  Notices notices_;
  FolderWatch watch_;
  ArrivalJudge judge_;
  ClaimIds claim_ids_;
  struct Delay {
    SteadyTime until;
    std::string place;
    std::string why;  // empty: only still being written
  };
  std::map<std::string, Delay> not_before_;  // claims that can not be read now
  SteadyTime next_look_;
  bool begun_ = false;
  ExchangeHealth state_;  // of this thread

  std::atomic<SteadyTime::rep> last_take_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  mutable std::mutex health_mutex_;
  ExchangeHealth health_;
};

}  // namespace relais::files
