// Reads [http] and the tables [[exchange]] of the settings.
#pragma once

#include <filesystem>

#include "adapters/http/exchange_config.h"
#include "adapters/sdk/adapter_config.h"
#include "broker/base/toml_reader.h"

namespace relais::http {

/// Faults go through the reader. Mappings, tokens and secrets are read, too: a fault of theirs is one of the
/// configuration. Relative paths are taken from `folder`.
Config read_config(base::TableReader& whole, const std::filesystem::path& folder);

/// What the SDK's tables say about the exchanges. config.invalid when one is of an institution that this adapter does
/// not serve, or when an institution has none.
base::Status fit_to(const sdk::AdapterConfig& adapter, Config& config);

}  // namespace relais::http
