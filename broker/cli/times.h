// Moments as an operator types them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relais::cli {

/// "2026-01-31 14:05", on the clocks of Paris, as the API wants it: in UTC. What is written in UTC already
/// ("...T...Z") is left to the API. Empty for anything else.
std::optional<std::string> utc_time(std::string_view text);

}  // namespace relais::cli
