// The whole broker: builds the parts, starts them, and stops them in reverse.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/app/config.h"
#include "broker/app/door.h"
#include "broker/base/clock.h"
#include "broker/journal/store.h"

namespace relais::app {

/// Main thread. start() once; stop() is idempotent.
class Broker {
 public:
  /// Opens the store and reads the keys; starts nothing. io.failed, journal.*, key.*.
  static base::Result<std::unique_ptr<Broker>> open(const Config& config, const base::Clock& clock,
                                                    std::function<void()> on_fatal);
  ~Broker();

  base::Status start();

  /// Takes nothing new from now on; what is queued goes on being delivered. An operator can take it back.
  void drain();

  void stop();

  [[nodiscard]] std::string endpoint() const;

 private:
  struct Parts;
  explicit Broker(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace relais::app
