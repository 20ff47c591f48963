#include "adapters/sdk/audience.h"

#include <algorithm>

#include "broker/core/routing.h"

namespace relais::sdk {

namespace {

template <class List>
bool meet(const List& one, const List& other) {
  return std::ranges::any_of(one,
                             [&](const auto& element) { return std::ranges::find(other, element) != other.end(); });
}

/// Whether the institution is there for one of the places: it names the place itself, or a larger one around it.
bool is_there(const v1::Institution& institution, const v1::AnnouncementMade& body) {
  if (body.communes().empty() && body.epcis().empty() && body.departements().empty()) return true;
  const auto& france = core::Territory::france();
  return meet(institution.epcis(), body.epcis()) || meet(institution.departements(), body.departements()) ||
         std::ranges::any_of(
             body.communes(),
             [&](const std::string& commune) { return core::serves_commune(institution, nullptr, commune, france); }) ||
         std::ranges::any_of(institution.communes(), [&](const std::string& own) {
           const auto today = france.commune_today(own);
           return today && (std::ranges::any_of(body.epcis(),
                                                [&](const auto& epci) { return france.lies_in_epci(*today, epci); }) ||
                            std::ranges::find(body.departements(), core::Territory::departement_of(*today)) !=
                                body.departements().end());
         });
}

}  // namespace

void name_audience(v1::Envelope& envelope, const Network& network, base::Instant now) {
  const auto& body = envelope.announcement_made();
  for (const auto& institution : network.directory().definition().institutions()) {
    const bool of_kind =
        body.kinds().empty() || std::ranges::find(body.kinds(), institution.kind()) != body.kinds().end();
    if (institution.id() != envelope.sender() && of_kind && is_there(institution, body) &&
        network.current_sealing_key(institution.id(), now) != nullptr)
      envelope.add_recipients(institution.id());
  }
}

}  // namespace relais::sdk
