#include "adapters/sdk/audience.h"

#include <algorithm>
#include <vector>

#include "broker/core/routing.h"

namespace relais::sdk {

namespace {

/// Where people whom the announcement is about may live: the communes that it names, those of the areas that it names,
/// and the arrondissements of cities among them.
std::vector<std::string_view> places_of(const v1::AnnouncementMade& body, const core::Territory& france) {
  std::vector<std::string_view> places(body.communes().begin(), body.communes().end());
  const auto add = [&](const std::vector<std::string_view>& more) {
    places.insert(places.end(), more.begin(), more.end());
  };
  for (const auto& epci : body.epcis()) add(france.communes_in(epci, {}));
  for (const auto& departement : body.departements()) add(france.communes_in({}, departement));
  const auto communes = places.size();
  for (std::size_t i = 0; i < communes; ++i)
    if (const auto place = places[i]; !france.is_arrondissement(place))
      if (const auto today = france.commune_today(place)) add(france.arrondissements_of(*today));
  return places;
}

}  // namespace

void name_audience(v1::Envelope& envelope, const Network& network, base::Instant now) {
  const auto& body = envelope.announcement_made();
  const auto& france = core::Territory::france();
  const bool everywhere = body.communes().empty() && body.epcis().empty() && body.departements().empty();
  const auto places = places_of(body, france);
  for (const auto& institution : network.directory().definition().institutions()) {
    const bool of_kind =
        body.kinds().empty() || std::ranges::find(body.kinds(), institution.kind()) != body.kinds().end();
    const auto is_there_for = [&](std::string_view place) {
      return core::serves_commune(institution, nullptr, place, france);
    };
    if (institution.id() != envelope.sender() && of_kind &&
        network.current_sealing_key(institution.id(), now) != nullptr &&
        (everywhere || std::ranges::any_of(places, is_there_for)))
      envelope.add_recipients(institution.id());
  }
}

}  // namespace relais::sdk
