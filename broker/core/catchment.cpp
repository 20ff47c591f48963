#include "broker/core/catchment.h"

#include <algorithm>
#include <string>

namespace relais::core {

namespace {

bool is_of_family(std::string_view thematic, std::string_view family) {
  return thematic.starts_with(family) && thematic.substr(family.size()).starts_with("--");
}

template <class Codes>
bool names(const Codes& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

template <class Place>
bool covers(const Place& place, std::string_view commune) {
  const bool overseas = commune.starts_with("97") || commune.starts_with("98");
  return names(place.communes(), commune) || names(place.departements(), commune.substr(0, overseas ? 3 : 2));
}

}  // namespace

bool offers_need(const v1::Service& service, std::string_view need) {
  return std::any_of(service.thematics().begin(), service.thematics().end(), [&](const std::string& thematic) {
    return thematic == need || is_of_family(thematic, need) || is_of_family(need, thematic);
  });
}

bool serves_commune(const v1::Institution& institution, const v1::Service* service, std::string_view commune) {
  const bool own = service != nullptr &&
                   !(service->communes().empty() && service->epcis().empty() && service->departements().empty());
  return own ? covers(*service, commune) : covers(institution, commune);
}

}  // namespace relais::core
