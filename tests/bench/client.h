// One adapter of the benchmark: a DEALER with CURVE that says hello and then speaks frames.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/world.h"

#include "relais/v1/frames.pb.h"

namespace relais::bench {

/// Errors are exceptions: a benchmark that can not go on has no figure. One thread.
class Client {
 public:
  /// Connects and says hello as `institution`; throws when there is no welcome within `patience`.
  Client(void* context, const Options& options, const std::string& institution, std::chrono::milliseconds patience);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(v1::AdapterFrame&& frame);

  /// Waits at most `patience` for the next frame.
  std::optional<v1::BrokerFrame> receive(std::chrono::milliseconds patience);

  /// Returns when the broker has made durable everything that was sent before.
  void barrier();

  /// Frames of deliveries that came while the barrier was awaited.
  std::vector<v1::BrokerFrame> take_passed() { return std::exchange(passed_, {}); }

 private:
  void* socket_ = nullptr;
  std::uint64_t session_ = 0;
  std::uint64_t queries_ = 0;
  std::vector<v1::BrokerFrame> passed_;
};

}  // namespace relais::bench
