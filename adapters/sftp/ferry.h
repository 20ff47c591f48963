// One institution's server at work: a thread that fetches what the software drops there and brings what is for it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "adapters/files/exchange_config.h"
#include "adapters/files/folder_watch.h"
#include "adapters/sftp/faults.h"
#include "adapters/sftp/fetcher.h"
#include "adapters/sftp/remote.h"
#include "adapters/sftp/route.h"
#include "adapters/sftp/sender.h"
#include "broker/base/clock.h"

namespace relais::sftp {

/// A snapshot for people and tests. Codes and numbers only.
struct FerryHealth {
  bool connected = false;
  Faults faults;
  std::uint64_t brought = 0;
  Fetcher::Counts in;
};

/// Threads: start(), stop() from one thread; health(), wake() any. Everything given outlives it. What stands in the way
/// is told in health() and the log, and ends by itself.
class Ferry {
 public:
  Ferry(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route,
        std::unique_ptr<Remote> remote, const base::Clock& clock);
  ~Ferry();
  Ferry(const Ferry&) = delete;
  Ferry& operator=(const Ferry&) = delete;

  void start();
  void stop();  // what is under way is broken off; the next start goes on with it
  void wake() { watch_.wake(); }

  /// Everything that can be done now, once; the thread repeats this. For tests it may be called without a thread.
  /// Answers for how long there will be nothing to do unless a file appears in `out` or `rejects`.
  std::chrono::milliseconds round();

  [[nodiscard]] FerryHealth health() const;

 private:
  void run();
  bool send();   // true: there is more
  bool fetch();  // the same
  std::chrono::milliseconds pause_after_failure();
  void tell(Faults faults);

  const files::ExchangeConfig& exchange_;
  const Route& route_;
  const base::Clock& clock_;
  std::unique_ptr<Remote> remote_;
  Sender sender_;
  Fetcher fetcher_;
  files::FolderWatch watch_;
  bool fetch_first_ = true;
  files::SteadyTime next_look_{};
  files::SteadyTime next_send_{};
  files::SteadyTime not_before_{};  // after a failure to connect
  std::chrono::milliseconds pause_;
  std::chrono::milliseconds fault_pause_;
  std::minstd_rand random_;
  Faults known_;      // told already
  Faults of_sender_;  // as of the last time it worked
  Faults of_fetcher_;
  Fetcher::Counts told_counts_;

  std::atomic<bool> stopping_{false};
  std::thread thread_;
  mutable std::mutex health_mutex_;
  FerryHealth health_;
};

}  // namespace relais::sftp
