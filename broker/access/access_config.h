// The settings of access to the operators' API: [access] in relaisd.toml.
#pragma once

#include <filesystem>
#include <optional>

#include "broker/access/provider_config.h"
#include "broker/access/sessions.h"

namespace relais::access {

struct AccessConfig {
  std::filesystem::path accounts;  // the file may come later
  SessionLimits sessions;
  std::optional<ProviderConfig> provider;
};

}  // namespace relais::access
