// The connector's tables of the configuration file: [database], [inbox], [outbox].
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "adapters/mapping/mapping.h"
#include "adapters/postgres/connection.h"
#include "adapters/postgres/table_settings.h"
#include "broker/base/toml_reader.h"

namespace relais::postgres {

struct Settings {
  ConnectionSettings connection;
  bool keeps_book = true;  // the schema relais is there; false: nothing but the tables named
  std::chrono::milliseconds poll_interval{5'000};
  std::chrono::milliseconds take_over_after{60'000};
  InboxSettings inbox;
  std::optional<mapping::Mapping> inbox_mapping;
  OutboxSettings outbox;
  std::optional<mapping::Mapping> outbox_mapping;
};

/// Reads the three tables and the mappings they name; faults go through `whole`. Relative paths are taken from
/// `folder`. `settings` are of use only when there was no fault.
void read_settings(base::TableReader& whole, const std::filesystem::path& folder, Settings& settings);

}  // namespace relais::postgres
