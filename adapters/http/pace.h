// How long to wait before the software is asked again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace relais::http {

/// The broker gives a message up after 200 attempts; at an hour each that is more than a week.
inline constexpr std::chrono::milliseconds kPauseMost = std::chrono::hours(1);

/// Doubles with each attempt from `first`, up to an hour, and is shorter by up to a fifth at random, so that what
/// failed together does not come back together. `attempt` from 1; `random` any number.
inline std::chrono::milliseconds pause_after(std::uint32_t attempt, std::chrono::milliseconds first,
                                             std::uint32_t random) {
  auto pause = std::min(first, kPauseMost);
  for (std::uint32_t i = 1; i < attempt && pause < kPauseMost; ++i) pause *= 2;
  pause = std::min(pause, kPauseMost);
  return pause - pause / 5 * (random % 1'000) / 1'000;
}

}  // namespace relais::http
