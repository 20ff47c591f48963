// Reads the tables [[exchange]] of the settings.
#pragma once

#include <filesystem>
#include <vector>

#include "adapters/calendar/calendar_config.h"
#include "adapters/sdk/adapter_config.h"
#include "broker/base/toml_reader.h"

namespace relais::calendar {

/// Faults go through the reader. Passwords are read, too: a fault of theirs is one of the configuration. Relative paths
/// are taken from `folder`.
std::vector<CalendarConfig> read_calendars(base::TableReader& whole, const std::filesystem::path& folder);

/// config.invalid when a calendar is of an institution that this adapter does not serve, or an institution has none.
base::Status fit_to(const sdk::AdapterConfig& adapter, const std::vector<CalendarConfig>& calendars);

}  // namespace relais::calendar
