#include "adapters/sdk/served_institutions.h"

#include <algorithm>
#include <utility>

namespace relais::sdk {

namespace {

base::Status wrong(std::string field, std::string why) {
  return base::refuse(base::RefusalCode::config_invalid, std::move(field), {{"why", std::move(why)}});
}

}  // namespace

base::Status fit_to_served(const AdapterConfig& adapter, const std::vector<std::string>& of_exchanges) {
  for (const auto& institution : of_exchanges)
    if (std::ranges::count(adapter.institutions, institution, &ServedInstitution::id) == 0)
      return wrong("exchange.institution", institution + " has no [[relais.institution]]");
  for (const auto& institution : adapter.institutions)
    if (std::ranges::count(of_exchanges, institution.id) == 0)
      return wrong("relais.institution", institution.id + " has no [[exchange]]");
  return base::Done{};
}

}  // namespace relais::sdk
