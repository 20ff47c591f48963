// Sends messages to the software's webhook and tells from its answer whether it holds them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/exchange_config.h"
#include "adapters/http/problem.h"
#include "adapters/sdk/handler.h"
#include "adapters/sdk/local_store.h"
#include "broker/base/clock.h"

namespace relais::http {

struct WebhookHealth {
  bool enabled = true;
  base::Instant disabled_at{};  // the software said 410
  std::uint32_t failures = 0;   // of the software as a whole, in a row
  std::string last_failure;     // code; empty: none yet
  base::Instant last_failure_at{};
  base::Instant last_success_at{};
};

struct Delivery {
  Judged judged;
  std::string reference;              // the software's own number, where its answer has one
  std::chrono::milliseconds pause{};  // before it may be tried again
};

/// Threads: deliver() on the SDK's handler thread; the others on any. Everything given outlives it.
class Webhook {
 public:
  Webhook(const WebhookConfig& config, std::string institution, sdk::LocalStore& store, std::unique_ptr<Poster> poster);

  /// One attempt, unless the webhook is switched off (webhook.disabled) or has just failed for a reason that any
  /// message would meet (software.away): then none, so that a software that hangs does not hold up everybody for its
  /// time-out.
  Delivery deliver(const sdk::Incoming& message, const Json& item, base::Instant now);

  /// After 410, when somebody says that the software listens again. io.failed.
  base::Status enable();

  /// Ends an attempt that waits.
  void stop() { poster_->stop(); }

  [[nodiscard]] WebhookHealth health() const;

 private:
  [[nodiscard]] bool disabled() const;
  Delivery failed(Judged judged, std::uint32_t attempt, base::Instant now, std::chrono::milliseconds least);
  void disable(base::Instant now);

  const WebhookConfig& config_;
  const std::string institution_;
  sdk::LocalStore& store_;
  const std::string key_;
  std::unique_ptr<Poster> poster_;
  mutable std::mutex mutex_;
  WebhookHealth health_;
  base::Instant not_before_{};
};

}  // namespace relais::http
