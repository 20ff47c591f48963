// Agreements and services: what institutions may do with each other, and what they offer.
#include <limits>
#include <tuple>

#include "broker/core/network_check_parts.h"

namespace relais::core::network {

namespace {

void check_directions(Faults& faults, const std::string& path, const v1::Agreement& agreement, const Known& known) {
  if (agreement.directions().empty()) faults.add(path + ".directions", "there is none", "at least one");
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < agreement.directions_size(); ++i) {
    const auto& direction = agreement.directions(i);
    const std::string place = element(path, "directions", i);
    check_reference(faults, place + ".from", direction.from(), "institution", known.institutions);
    check_reference(faults, place + ".to", direction.to(), "institution", known.institutions);
    if (!direction.from().empty() && direction.from() == direction.to())
      faults.add(place + ".to", "an institution has no agreement with itself", "another institution");
    else if (!direction.from().empty() && !seen.emplace(direction.from(), direction.to()).second)
      faults.add(place, "is named twice", "each direction once");
  }
}

void check_purpose_rules(Faults& faults, const std::string& path, const v1::Agreement& agreement, const Known& known) {
  if (agreement.purposes().empty()) faults.add(path + ".purposes", "there is none", "at least one");
  Ids seen;
  for (int i = 0; i < agreement.purposes_size(); ++i) {
    const auto& rule = agreement.purposes(i);
    const std::string place = element(path, "purposes", i);
    check_reference(faults, place + ".purpose", rule.purpose(), "purpose", known.purposes);
    if (!rule.purpose().empty() && !seen.insert(rule.purpose()).second)
      faults.add(place + ".purpose", "\"" + rule.purpose() + "\" is named twice", "each purpose once");
    check_categories(faults, place + ".categories", rule.categories());
  }
}

/// A step that takes no time would be late when it begins; ten years are longer than any agreement.
void check_term(Faults& faults, const std::string& path, const v1::Term& term) {
  constexpr std::int64_t kMostMs = 3660LL * 86'400'000;
  constexpr std::uint32_t kMostDays = 2'600;
  constexpr std::uint32_t kMostHours = 20'000;
  const bool fits = term.has_working_days()    ? term.working_days() > 0 && term.working_days() <= kMostDays
                    : term.has_working_hours() ? term.working_hours() > 0 && term.working_hours() <= kMostHours
                                               : term.ms() > 0 && term.ms() <= kMostMs;
  if (!fits)
    faults.add(path, "is not a length of time", "e.g. 72h, 10 working days, 4 working hours; ten years at most");
}

void check_deadlines(Faults& faults, const std::string& path, const v1::Agreement& agreement) {
  std::set<int> seen;
  for (int i = 0; i < agreement.deadlines_size(); ++i) {
    const auto& rule = agreement.deadlines(i);
    const std::string place = element(path, "deadlines", i);
    if (!v1::Priority_IsValid(rule.priority()) || rule.priority() == v1::PRIORITY_UNSPECIFIED)
      faults.add(place + ".priority", "is missing", "routine, urgent, asap, stat");
    else if (!seen.insert(rule.priority()).second)
      faults.add(place + ".priority", "is named twice", "each priority once");
    if (rule.has_receive_within()) check_term(faults, place + ".receive_within", rule.receive_within());
    if (rule.has_decide_within()) check_term(faults, place + ".decide_within", rule.decide_within());
    if (rule.has_complete_within()) check_term(faults, place + ".complete_within", rule.complete_within());
    if (rule.has_acknowledge_within()) check_term(faults, place + ".acknowledge_within", rule.acknowledge_within());
    if (rule.has_first_appointment_within())
      check_term(faults, place + ".first_appointment_within", rule.first_appointment_within());
    if (!rule.has_receive_within() && !rule.has_decide_within() && !rule.has_first_appointment_within() &&
        !rule.has_complete_within() && !rule.has_acknowledge_within())
      faults.add(place, "sets no deadline",
                 "receive_within, decide_within, first_appointment_within, complete_within, acknowledge_within");
  }
}

/// Two agreements in force at once for the same question would leave open which categories, deadlines and price hold.
class Overlaps {
 public:
  void check(Faults& faults, const std::string& path, const v1::Agreement& agreement) {
    const std::int64_t until =
        agreement.valid_until_ms() == 0 ? std::numeric_limits<std::int64_t>::max() : agreement.valid_until_ms();
    Ids named;
    for (const auto& direction : agreement.directions())
      for (const auto& rule : agreement.purposes()) {
        auto& earlier = periods_[{direction.from(), direction.to(), rule.purpose()}];
        for (const auto& period : earlier)
          if (period.path != path && agreement.valid_from_ms() < period.until_ms && period.from_ms < until &&
              named.insert(period.path).second)
            faults.add(path,
                       "covers " + rule.purpose() + " from " + direction.from() + " to " + direction.to() +
                           " at the same time as " + period.path,
                       "one agreement at a time for each direction and purpose");
        earlier.push_back({agreement.valid_from_ms(), until, path});
      }
  }

 private:
  struct Period {
    std::int64_t from_ms;
    std::int64_t until_ms;
    std::string path;
  };
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<Period>> periods_;
};

}  // namespace

void check_agreements(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  ElementNames names("agreements");
  Ids& ids = known.agreements;
  Overlaps overlaps;
  for (const auto& agreement : definition.agreements()) {
    const std::string path = names.next(agreement.id());
    check_id(faults, path + ".id", agreement.id(), ids);
    check_not_empty(faults, path + ".name", agreement.name());
    check_directions(faults, path, agreement, known);
    check_purpose_rules(faults, path, agreement, known);
    check_not_empty(faults, path + ".legal_basis", agreement.legal_basis());
    check_validity(faults, path, agreement.valid_from_ms(), agreement.valid_until_ms());
    check_deadlines(faults, path, agreement);
    if (!agreement.calendar().empty())
      check_reference(faults, path + ".calendar", agreement.calendar(), "calendar", known.calendars);
    if (!agreement.profile().empty())
      check_reference(faults, path + ".profile", agreement.profile(), "profile", known.profiles);
    if (!v1::Basis_IsValid(agreement.basis()))
      faults.add(path + ".basis", "is not a ground for sharing", "law, consent");
    if (agreement.retention_ms() < 0) faults.add(path + ".retention", "is negative", "a duration, e.g. 30d");
    if (agreement.unit_price_cents() < 0) faults.add(path + ".unit_price_cents", "is negative", "0 or more");
    overlaps.check(faults, path, agreement);
  }
}

}  // namespace relais::core::network
