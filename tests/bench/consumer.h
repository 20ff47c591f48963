// Takes the messages of one queue and acknowledges each.
#pragma once

#include <functional>
#include <memory>

#include "tests/bench/client.h"
#include "tests/bench/messages.h"

namespace relais::bench {

class Consumer {
 public:
  Consumer(void* context, const Options& options, int queue, std::chrono::milliseconds patience);

  /// Takes what is there, waiting at most `patience` for the first; calls `on` for each and acknowledges each.
  void receive(std::chrono::milliseconds patience, const std::function<void(const Stamp&)>& on);

  /// Returns when every acknowledgement is durable. A delivery that comes meanwhile is given back by the disconnection.
  void settle() { client_.barrier(); }

 private:
  Client client_;
};

}  // namespace relais::bench
