// Whether a connector's tables and the SDK's speak of the same institutions.
#pragma once

#include <ranges>
#include <string>
#include <vector>

#include "adapters/sdk/adapter_config.h"
#include "broker/base/result.h"

namespace relais::sdk {

/// `of_exchanges`: of each [[exchange]] its institution. config.invalid when one is not served by this adapter, or when
/// one that is served has no exchange.
base::Status fit_to_served(const AdapterConfig& adapter, const std::vector<std::string>& of_exchanges);

/// The same of tables with an `institution`.
template <std::ranges::input_range Exchanges>
base::Status exchanges_fit(const AdapterConfig& adapter, const Exchanges& exchanges) {
  std::vector<std::string> institutions;
  for (const auto& exchange : exchanges) institutions.push_back(exchange.institution);
  return fit_to_served(adapter, institutions);
}

}  // namespace relais::sdk
