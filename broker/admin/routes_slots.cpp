// Slots: what an institution offers, and what of it is taken.
#include <algorithm>
#include <map>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"

namespace relais::admin {

namespace {

constexpr std::size_t kSlotsMost = 10'000;

bool is_known(const std::optional<v1::NetworkDefinition>& network, const std::string& institution) {
  return network &&
         std::ranges::find(network->institutions(), institution, &v1::Institution::id) != network->institutions().end();
}

template <class List>
std::map<std::string, std::string> names_of(const List& list) {
  std::map<std::string, std::string> names;
  for (const auto& one : list) names.emplace(one.id(), one.name());
  return names;
}

nlohmann::json name_or_null(const std::map<std::string, std::string>& names, const nlohmann::json& id) {
  const auto found = names.find(id.get<std::string>());
  return found == names.end() ? nlohmann::json() : nlohmann::json(found->second);
}

/// What the services and places are called in the definition in force; one that it no longer knows has no name.
void add_names(const v1::NetworkDefinition& network, nlohmann::json& slots) {
  const auto services = names_of(network.services());
  const auto locations = names_of(network.locations());
  for (auto& slot : slots) {
    slot["service_name"] = name_or_null(services, slot["service"]);
    slot["location_name"] = name_or_null(locations, slot["location"]);
  }
}

}  // namespace

std::vector<Route> slot_routes(const Sources& sources) {
  return {{"GET", "/api/v1/slots", [&sources](const Request& request) -> base::Result<nlohmann::json> {
             Parameters parameters(request);
             const auto institution = parameters.text("institution");
             if (auto said = parameters.finish(); !said) return said.refusal();
             const engine::Reports reports(sources.store);
             const auto network = reports.network();
             if (!institution.empty() && !is_known(network, institution))
               return base::refuse(base::RefusalCode::not_found, "institution", {{"what", institution}});
             auto answer = to_json(reports.slots(institution, kSlotsMost));
             if (network) add_names(*network, answer["slots"]);
             return answer;
           }}};
}

}  // namespace relais::admin
