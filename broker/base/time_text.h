// Durations and dates as people write them in the network definition.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/clock.h"

namespace relais::base {

/// "30s", "45m", "72h", "10d": a whole number, at most nine digits, and one unit. Empty for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest such text that says the same: "3d" for 72 hours.
std::string duration_text(std::chrono::milliseconds duration);

/// A moment on the clocks of metropolitan France (Europe/Paris). Empty when there is no such day, or no such hour
/// because the clocks went forward; the earlier of two when they went back.
std::optional<Instant> paris_time(int year, unsigned month, unsigned day, std::chrono::seconds of_day);

/// "2026-01-31", in Paris.
std::string date_text(Instant instant);

/// "2026-01-31 14:05", in Paris.
std::string date_time_text(Instant instant);

}  // namespace relais::base
