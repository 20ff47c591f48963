// The records of a stretch of time: days and months on the clocks of metropolitan France.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/journal/store.h"

#include "relais/v1/stored.pb.h"

namespace relais::engine {

/// From `begin` until before `end`.
struct Period {
  base::Instant begin{};
  base::Instant end{};
};

/// "2026-01-31"; empty for anything else.
std::optional<Period> day_of(std::string_view text);
/// "2026-01"; empty for anything else.
std::optional<Period> month_of(std::string_view text);

/// Every record made in the period, in order. Nothing before it is read. journal.damaged.
base::Status each_record(const journal::Store& store, const Period& period,
                         const std::function<void(const v1::Record&)>& visit);

}  // namespace relais::engine
