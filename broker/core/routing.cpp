#include "broker/core/routing.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "broker/core/envelope_check.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;

constexpr std::string_view kFamilyEnd = "--";

struct CapacityName {
  v1::Capacity capacity;
  std::string_view name;
};
constexpr std::array kCapacities = {
    CapacityName{v1::CAPACITY_AVAILABLE, "available"},
    CapacityName{v1::CAPACITY_WAITLIST, "waitlist"},
    CapacityName{v1::CAPACITY_FULL, "full"},
    CapacityName{v1::CAPACITY_FURTHER_ASSESSMENT, "further_assessment"},
};

/// A catchment names communes of today, communes that were merged since it was written, or arrondissements.
struct Place {
  std::string_view asked;
  std::string_view today;
};

template <class Area>
bool names_an_area(const Area& area) {
  return !area.communes().empty() || !area.epcis().empty() || !area.departements().empty();
}

template <class Area>
bool covers(const Area& area, const Place& place, const Territory& territory) {
  const auto is_the_commune = [&](const std::string& code) {
    return code == place.asked || (!territory.is_arrondissement(code) && territory.commune_today(code) == place.today);
  };
  const auto has_the_commune = [&](const std::string& code) { return territory.lies_in_epci(place.today, code); };
  const auto departement = Territory::departement_of(place.today);
  return std::ranges::any_of(area.communes(), is_the_commune) || std::ranges::any_of(area.epcis(), has_the_commune) ||
         std::ranges::find(area.departements(), departement) != area.departements().end();
}

bool covers(const v1::Institution& institution, const v1::Service* service, const Place& place,
            const Territory& territory) {
  if (service != nullptr && names_an_area(*service)) return covers(*service, place, territory);
  return covers(institution, place, territory);
}

v1::Capacity capacity_of(const Offer& offer) {
  return offer.service == nullptr ? v1::CAPACITY_UNSPECIFIED : offer.service->capacity();
}

/// Room first; what is not known before what is known to take time.
int rank(v1::Capacity capacity) {
  switch (capacity) {
    case v1::CAPACITY_AVAILABLE:
      return 0;
    case v1::CAPACITY_FURTHER_ASSESSMENT:
      return 2;
    case v1::CAPACITY_WAITLIST:
      return 3;
    case v1::CAPACITY_FULL:
      return 4;
    default:
      return 1;
  }
}

/// Compares one offer after the other with a question that is sound.
class Comparison {
 public:
  Comparison(const Directory& directory, const Territory& territory, const v1::RouteQuery& question,
             std::optional<Place> place, base::Instant now)
      : directory_(directory), territory_(territory), question_(question), place_(place), now_(now) {}

  [[nodiscard]] Offer compare(const v1::Institution& institution, const v1::Service* service) const {
    Offer offer{&institution, service, nullptr, Fit::own};
    if (institution.id() == question_.institution()) return offer;
    const auto coverage = directory_.coverage(question_.institution(), institution.id(), question_.purpose(), now_);
    if (coverage.kind == Coverage::Kind::valid) offer.agreement = coverage.agreement;
    const bool need_fits = service == nullptr || offers_need(*service, question_.service_need());
    if (!need_fits)
      offer.fit = Fit::other_need;
    else if (place_ && !covers(institution, service, *place_, territory_))
      offer.fit = Fit::elsewhere;
    else
      offer.fit = offer.agreement == nullptr ? Fit::no_agreement : Fit::taken;
    return offer;
  }

 private:
  const Directory& directory_;
  const Territory& territory_;
  const v1::RouteQuery& question_;
  const std::optional<Place> place_;
  const base::Instant now_;
};

/// Who is full is not chosen while another under an agreement is not; when all are, who asks may still turn to one.
void leave_out_full(std::vector<Offer>& offers) {
  const auto takes = [](const Offer& offer) {
    return offer.fit == Fit::taken && capacity_of(offer) != v1::CAPACITY_FULL;
  };
  if (std::ranges::none_of(offers, takes)) return;
  for (auto& offer : offers)
    if (offer.fit == Fit::taken && !takes(offer)) offer.fit = Fit::full;
}

std::string_view service_id(const Offer& offer) {
  return offer.service == nullptr ? std::string_view() : std::string_view(offer.service->id());
}

bool before(const Offer& a, const Offer& b) {
  const auto key = [](const Offer& offer) {
    return std::tuple(-static_cast<int>(offer.fit), rank(capacity_of(offer)), std::string_view(offer.institution->id()),
                      service_id(offer));
  };
  return key(a) < key(b);
}

base::Result<std::optional<Place>> place_of(const Territory& territory, const v1::RouteQuery& question) {
  if (question.commune().empty()) return std::optional<Place>();
  const auto today = territory.commune_today(question.commune());
  if (!today) return refuse(RefusalCode::commune_unknown, "commune", {{"commune", question.commune()}});
  return std::optional(Place{question.commune(), *today});
}

}  // namespace

std::string_view capacity_name(v1::Capacity capacity) {
  const auto found = std::ranges::find(kCapacities, capacity, &CapacityName::capacity);
  return found == kCapacities.end() ? "unknown" : found->name;
}

std::optional<v1::Capacity> capacity_of(std::string_view name) {
  const auto found = std::ranges::find(kCapacities, name, &CapacityName::name);
  if (found == kCapacities.end()) return std::nullopt;
  return found->capacity;
}

std::string_view fit_name(Fit fit) {
  constexpr std::array<std::string_view, 6> kNames = {"own",          "other_need", "elsewhere",
                                                      "no_agreement", "full",       "taken"};
  return kNames.at(static_cast<std::size_t>(fit));
}

bool contains_need(std::string_view thematic, std::string_view need) {
  const auto is_family_of = [](std::string_view family, std::string_view whole) {
    return whole.starts_with(family) && whole.substr(family.size()).starts_with(kFamilyEnd);
  };
  return thematic == need || is_family_of(thematic, need) || is_family_of(need, thematic);
}

bool offers_need(const v1::Service& service, std::string_view need) {
  return std::ranges::any_of(service.thematics(),
                             [&](const std::string& thematic) { return contains_need(thematic, need); });
}

bool serves_commune(const v1::Institution& institution, const v1::Service* service, std::string_view commune,
                    const Territory& territory) {
  const auto today = territory.commune_today(commune);
  return today && covers(institution, service, Place{commune, *today}, territory);
}

bool serves_commune(const v1::Delegation& delegation, std::string_view commune, const Territory& territory) {
  if (!names_an_area(delegation)) return true;
  const auto today = territory.commune_today(commune);
  return today && covers(delegation, Place{commune, *today}, territory);
}

base::Result<Routing> find_route(const Directory& directory, const Territory& territory, const v1::RouteQuery& question,
                                 base::Instant now) {
  if (directory.institution(question.institution()) == nullptr)
    return refuse(RefusalCode::identity_unknown, "institution", {{"institution", question.institution()}});
  if (directory.purpose(question.purpose()) == nullptr)
    return refuse(RefusalCode::purpose_unknown, "purpose", {{"purpose", question.purpose()}});
  const auto& need = question.service_need();
  if (!need.empty() && !is_thematic(need))
    return refuse(RefusalCode::input_invalid, "service_need", {{"why", "not a thematic"}});
  const auto place = place_of(territory, question);
  if (!place) return place.refusal();

  const Comparison comparison(directory, territory, question, *place, now);
  Routing routing;
  if (*place) routing.commune = (*place)->today;
  const auto& definition = directory.definition();
  if (need.empty())
    for (const auto& institution : definition.institutions())
      routing.offers.push_back(comparison.compare(institution, nullptr));
  else
    for (const auto& service : definition.services())
      routing.offers.push_back(comparison.compare(*directory.institution(service.institution()), &service));
  leave_out_full(routing.offers);
  std::ranges::sort(routing.offers, before);
  return routing;
}

v1::RouteAnswer Routing::answer() const {
  v1::RouteAnswer answer;
  for (const auto& offer : offers) {
    if (offer.fit != Fit::taken && offer.fit != Fit::no_agreement) continue;
    if (answer.candidates_size() == kCandidatesMax) break;
    auto& candidate = *answer.add_candidates();
    candidate.set_institution(offer.institution->id());
    candidate.set_capacity(capacity_of(offer));
    if (offer.agreement != nullptr) candidate.set_agreement(offer.agreement->id());
    if (offer.service == nullptr) continue;
    candidate.set_service_id(offer.service->id());
    candidate.set_service_name(offer.service->name());
  }
  return answer;
}

std::optional<Offer> Routing::route() const {
  std::optional<Offer> route;
  for (const auto& offer : offers) {
    if (offer.fit != Fit::taken) continue;
    if (!route)
      route = offer;
    else if (route->institution != offer.institution)
      return std::nullopt;
    else
      route->service = nullptr;
  }
  return route;
}

}  // namespace relais::core
