// The tables [[exchange]] with their [exchange.server]. config/examples/sftp.toml shows all keys.
#pragma once

#include <filesystem>
#include <vector>

#include "adapters/files/exchange_config.h"
#include "adapters/sftp/route.h"
#include "broker/base/toml_reader.h"

namespace relais::sftp {

/// `routes[i]` is that of `exchanges[i]`.
struct Config {
  std::vector<files::ExchangeConfig> exchanges;
  std::vector<Route> routes;
};

/// Loads mappings, the private key and the known hosts, too. Faults go through `whole`; the answer is of use only when
/// there are none.
Config read_config(base::TableReader& whole, const std::filesystem::path& folder);

}  // namespace relais::sftp
