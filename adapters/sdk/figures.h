// What the threads of the SDK count, and the last thing that went wrong; read together as Health.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/sdk/health.h"
#include "broker/base/clock.h"

namespace relais::sdk {

/// Threads: any.
class Figures {
 public:
  explicit Figures(const base::Clock& clock) : clock_(clock) {}

  std::atomic<std::uint64_t> submitted{0};
  std::atomic<std::uint64_t> receipts{0};
  std::atomic<std::uint64_t> refusals{0};
  std::atomic<std::uint64_t> refusals_retried{0};
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> repeated{0};
  std::atomic<std::uint64_t> retried{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> sessions{0};
  std::atomic<std::uint64_t> not_carried{0};
  std::atomic<std::int64_t> last_contact_ms{0};
  std::atomic<std::uint64_t> message_bytes_max{0};  // of the last Welcome; 0: none yet

  void trying(std::string_view endpoint) {
    const std::lock_guard lock(mutex_);
    endpoint_ = endpoint;
  }
  void connected(bool is) {
    connected_ = is;
    if (!is) draining_ = false;
  }
  void draining(bool is) { draining_ = is; }
  void contact() { last_contact_ms = base::to_ms(clock_.now()); }
  void error(std::string_view code) {
    const std::lock_guard lock(mutex_);
    last_error_ = code;
    last_error_at_ = clock_.now();
  }

  /// All but what the outbox, the network and the store know.
  [[nodiscard]] Health snapshot() const;

 private:
  const base::Clock& clock_;
  std::atomic<bool> connected_{false};
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;
  std::string endpoint_;
  std::string last_error_;
  base::Instant last_error_at_{};
};

}  // namespace relais::sdk
