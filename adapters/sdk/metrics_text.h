// Health as Prometheus metrics and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sdk/health.h"

namespace relais::sdk {

/// Prometheus text format 0.0.4; names begin with relais_adapter_, the only label is the adapter's name.
std::string metrics_text(const Health& health, std::string_view adapter);

/// One JSON object. Times are milliseconds since 1970, absent ones null.
std::string health_json(const Health& health, std::string_view adapter);

}  // namespace relais::sdk
