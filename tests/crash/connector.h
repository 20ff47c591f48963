// A careful connector between the SDK and the software of the ledger: what every connector should do, and no more.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "adapters/sdk/adapter.h"
#include "tests/crash/ledger.h"
#include "tests/crash/software.h"

namespace relais::crash {

struct Work {
  bool opens_cases = false;
  double cases_per_second = 0;
  std::size_t open_max = 0;          // referrals that are not finished
  std::filesystem::path drain_file;  // no new cases once it exists
};

/// Threads: handler calls on the SDK's; run() on the software's; one mutex around ledger and software.
class CrashConnector final : public sdk::Handler {
 public:
  CrashConnector(const std::filesystem::path& ledger, Software software, Work work);

  /// Before the adapter is started. It is used until write_sum().
  void attach(sdk::Adapter& adapter) { adapter_ = &adapter; }

  /// The software at work, until `stop`.
  void run(const std::atomic<bool>& stop);

  /// Once the adapter is stopped: what its store says was handled, for the comparison.
  void write_sum();

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId& message, std::uint64_t position) override;
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override;

 private:
  void write(const std::vector<Entry>& entries);
  void open_cases();
  bool hand_over();

  const Work work_;
  std::mutex mutex_;
  std::condition_variable something_new_;
  Ledger ledger_;
  Software software_;
  sdk::Adapter* adapter_ = nullptr;
  std::chrono::steady_clock::time_point next_case_at_;
};

}  // namespace relais::crash
