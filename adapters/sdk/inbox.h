// Which deliveries were handled: what makes "at least once" into "once, as far as the connector can see".
#pragma once

#include <string>
#include <string_view>

#include "adapters/sdk/store.h"

namespace relais::sdk {

/// Threads: the worker's. `store` and `clock` outlive it.
class Inbox {
 public:
  Inbox(Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}

  [[nodiscard]] bool was_handled(std::string_view recipient, std::string_view message_id) const;

  /// An earlier call of the handler has no outcome noted.
  [[nodiscard]] bool was_begun(std::string_view recipient, std::string_view message_id) const;

  /// Notes that the handler is about to be called. Not synced: it survives a killed process, which is what happens, and
  /// costs microseconds; a power cut may lose it. io.failed.
  base::Status begin(std::string_view recipient, std::string_view message_id);

  /// Adds to `change` that the message was handled, or that the handler answered otherwise.
  void handled(Change& change, std::string_view recipient, std::string_view message_id) const;
  static void not_handled(Change& change, std::string_view recipient, std::string_view message_id);

 private:
  [[nodiscard]] std::string mark() const;
  Store& store_;
  const base::Clock& clock_;
};

}  // namespace relais::sdk
