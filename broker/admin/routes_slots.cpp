// Slots: what an institution offers, and what of it is taken.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

constexpr std::size_t kSlotsMost = 10'000;

bool is_known(const engine::Reports& reports, const std::string& institution) {
  const auto network = reports.network();
  return network && std::any_of(network->institutions().begin(), network->institutions().end(),
                                [&](const v1::Institution& one) { return one.id() == institution; });
}

}  // namespace

std::vector<Route> slot_routes(const Sources& sources) {
  return {{"GET", "/api/v1/slots", [&sources](const Request& request) -> base::Result<nlohmann::json> {
             Parameters parameters(request);
             const auto institution = parameters.text("institution");
             if (auto said = parameters.finish(); !said) return said.refusal();
             const engine::Reports reports(sources.store);
             if (!institution.empty() && !is_known(reports, institution))
               return base::refuse(base::RefusalCode::not_found, "institution", {{"what", institution}});
             return to_json(reports.slots(institution, kSlotsMost));
           }}};
}

}  // namespace relais::admin
