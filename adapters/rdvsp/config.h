// The tables [rdvsp] and [[exchange]] of the settings file. config/examples/rdvsp.toml shows all of them.
#pragma once

#include <filesystem>

#include "adapters/rdvsp/exchange_config.h"
#include "adapters/sdk/adapter_config.h"
#include "broker/base/result.h"
#include "broker/base/toml_reader.h"

namespace relais::rdvsp {

/// Reads the mappings, tokens, secrets and passwords too. Every fault goes to the findings; what is answered then is
/// not used.
Config read_config(base::TableReader& whole, const std::filesystem::path& folder);

/// config.invalid: an exchange without its institution, or an institution without its exchange.
base::Status fit_to(const sdk::AdapterConfig& adapter, const Config& config);

}  // namespace relais::rdvsp
