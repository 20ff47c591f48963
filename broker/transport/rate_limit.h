// How many frames a connection may send: a bucket that holds one second's worth and refills evenly.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace relais::transport {

using SteadyTime = std::chrono::steady_clock::time_point;

class RateLimit {
 public:
  RateLimit(std::uint32_t per_second, SteadyTime now)
      : per_second_(static_cast<double>(per_second)), left_(per_second_), at_(now) {}

  /// False when the bucket is empty. Time never runs backwards here: the clock is steady.
  [[nodiscard]] bool take(SteadyTime now) {
    if (now > at_) {
      left_ = std::min(per_second_, left_ + per_second_ * std::chrono::duration<double>(now - at_).count());
      at_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double left_;
  SteadyTime at_;
};

}  // namespace relais::transport
