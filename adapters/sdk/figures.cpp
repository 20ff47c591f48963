#include "adapters/sdk/figures.h"

namespace relais::sdk {

Health Figures::snapshot() const {
  Health health;
  health.connected = connected_;
  health.draining = draining_;
  if (const auto at = last_contact_ms.load(); at != 0) health.last_contact = base::from_ms(at);
  health.submitted = submitted;
  health.receipts = receipts;
  health.refusals = refusals;
  health.refusals_retried = refusals_retried;
  health.received = received;
  health.handled = handled;
  health.repeated = repeated;
  health.retried = retried;
  health.rejected = rejected;
  health.sessions = sessions;
  health.not_carried = not_carried;
  const std::lock_guard lock(mutex_);
  health.endpoint = endpoint_;
  health.last_error = last_error_;
  if (!last_error_.empty()) health.last_error_at = last_error_at_;
  return health;
}

}  // namespace relais::sdk
