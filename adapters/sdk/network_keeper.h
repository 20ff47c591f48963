// The network definition in use: kept on disk, replaced only by newer ones of the same authority.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "adapters/sdk/network.h"
#include "adapters/sdk/store.h"

namespace relais::sdk {

/// Threads: any. `store` outlives it.
class NetworkKeeper {
 public:
  /// Begins with the one on disk; one that is not what the pins ask for any more is left aside.
  NetworkKeeper(Store& store, Pins pins);

  [[nodiscard]] std::shared_ptr<const Network> current() const;
  [[nodiscard]] std::uint64_t version() const;

  /// network.signature, network.invalid, network.not_newer: the present one stays. io.failed: it is used, not stored.
  base::Status accept(const v1::SignedNetwork& network);

  bool wait(std::chrono::milliseconds patience) const;
  /// Lets waiting threads go.
  void stop();

 private:
  Store& store_;
  const Pins pins_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::shared_ptr<const Network> current_;
  bool stopped_ = false;
};

}  // namespace relais::sdk
