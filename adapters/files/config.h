// The tables [[exchange]] of the adapter's TOML file. config/examples/files.toml shows all keys.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "adapters/files/exchange_config.h"
#include "broker/base/toml_reader.h"

namespace relais::files {

/// Reads what an adapter adds to each [[exchange]]; the rest of the table was read into the config before.
using ReadMore = std::function<void(base::TableReader& table, ExchangeConfig& config)>;

/// Loads the mappings too. Faults go through `whole`; the answer is of use only when there are none.
std::vector<ExchangeConfig> read_exchanges(base::TableReader& whole, const std::filesystem::path& folder,
                                           const ReadMore& read_more = {});

}  // namespace relais::files
