// Locations, services, and whether the places that a definition names exist.
#include "broker/core/network_check_parts.h"

namespace relais::core {

namespace network {

namespace {

void check_service_locations(Faults& faults, const std::string& path, const v1::Service& service, const Known& known) {
  Ids all;
  for (const auto& [id, institution] : known.locations) all.insert(id);
  Ids seen;
  for (int i = 0; i < service.locations_size(); ++i) {
    const std::string place = path + ".locations[" + std::to_string(i) + "]";
    const auto& id = service.locations(i);
    const auto found = known.locations.find(id);
    if (found == known.locations.end())
      check_reference(faults, place, id, "location", all);
    else if (!seen.insert(id).second)
      faults.add(place, "\"" + id + "\" is named twice", "each once");
    else if (found->second != service.institution())
      faults.add(place, "is a location of " + found->second, "a location of " + service.institution());
  }
}

}  // namespace

void check_locations(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  ElementNames names("locations");
  Ids ids;
  for (const auto& location : definition.locations()) {
    const std::string path = names.next(location.id());
    check_id(faults, path + ".id", location.id(), ids);
    check_reference(faults, path + ".institution", location.institution(), "institution", known.institutions);
    check_not_empty(faults, path + ".name", location.name());
    if (!location.commune().empty() && !is_commune(location.commune()))
      faults.add(path + ".commune", "is not valid", "an INSEE code, e.g. 25056 or 2A004");
    known.locations.emplace(location.id(), location.institution());
  }
}

void check_services(Faults& faults, const v1::NetworkDefinition& definition, const Known& known) {
  ElementNames names("services");
  Ids ids;
  for (const auto& service : definition.services()) {
    const std::string path = names.next(service.id());
    check_id(faults, path + ".id", service.id(), ids);
    check_reference(faults, path + ".institution", service.institution(), "institution", known.institutions);
    check_not_empty(faults, path + ".name", service.name());
    check_codes(faults, path + ".thematics", service.thematics(), is_thematic, kThematicSyntax);
    check_area(faults, path, service);
    check_service_locations(faults, path, service, known);
    if (service.checked_at_ms() < 0) faults.add(path + ".checked", "lies before 1970", "a later date");
    if (!v1::Capacity_IsValid(service.capacity()))
      faults.add(path + ".capacity", "is not a capacity", "a capacity of the protocol");
  }
}

namespace {

/// Compares the places of one definition with those that exist.
class PlaceCheck {
 public:
  PlaceCheck(Faults& faults, const Territory& territory) : faults_(faults), territory_(territory) {}

  template <class Area>
  void area(const std::string& path, const Area& area) {
    each(path + ".communes", area.communes(), &PlaceCheck::commune);
    each(path + ".epcis", area.epcis(), &PlaceCheck::epci);
    each(path + ".departements", area.departements(), &PlaceCheck::departement);
  }

  void commune(const std::string& path, const std::string& code) {
    if (!is_commune(code)) return;  // said already
    const auto today = territory_.commune_today(code);
    if (!today)
      faults_.add(path, code + " is no commune", "an INSEE code of a commune of today");
    else if (*today != code && !territory_.is_arrondissement(code))
      faults_.add(path, code + " was merged into another commune", std::string(*today));
  }

 private:
  void epci(const std::string& path, const std::string& code) {
    if (is_epci(code) && !territory_.has_epci(code))
      faults_.add(path, code + " is no EPCI", "the SIREN of an EPCI, or of a territory of Grand Paris");
  }
  void departement(const std::string& path, const std::string& code) {
    if (is_departement(code) && !territory_.has_departement(code))
      faults_.add(path, code + " is no département", "a département, e.g. 25, 2A or 974");
  }

  void each(const std::string& path, const google::protobuf::RepeatedPtrField<std::string>& codes,
            void (PlaceCheck::*check)(const std::string&, const std::string&)) {
    for (int i = 0; i < codes.size(); ++i) (this->*check)(path + "[" + std::to_string(i) + "]", codes.Get(i));
  }

  Faults& faults_;
  const Territory& territory_;
};

}  // namespace

}  // namespace network

std::vector<Violation> check_places(const v1::NetworkDefinition& definition, const Territory& territory) {
  network::Faults faults;
  network::PlaceCheck check(faults, territory);
  ElementNames institutions("institutions");
  for (const auto& institution : definition.institutions())
    check.area(institutions.next(institution.id()), institution);
  ElementNames services("services");
  for (const auto& service : definition.services()) check.area(services.next(service.id()), service);
  ElementNames delegations("delegations");
  for (const auto& delegation : definition.delegations()) check.area(delegations.next(delegation.id()), delegation);
  ElementNames locations("locations");
  for (const auto& location : definition.locations())
    if (const auto path = locations.next(location.id()) + ".commune"; !location.commune().empty())
      check.commune(path, location.commune());
  return faults.take();
}

}  // namespace relais::core
