// Time comes from outside: the core never asks for it.
#pragma once

#include <chrono>

namespace relais::base {

/// Milliseconds since 1970-01-01T00:00:00Z.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

constexpr std::int64_t to_ms(Instant t) { return t.time_since_epoch().count(); }
constexpr Instant from_ms(std::int64_t ms) { return Instant(Milliseconds(ms)); }

/// Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace relais::base
