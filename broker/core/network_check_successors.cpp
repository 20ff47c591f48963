// Profiles, and who takes a referral over: what an agreement promises must be possible on the day it is needed.
#include <algorithm>
#include <limits>

#include "broker/core/network_check_parts.h"

namespace relais::core::network {

namespace {

/// Whether some agreement lets `from` turn to `to` for `purpose` at an instant at which `other` is in force.
bool covered(const v1::NetworkDefinition& definition, const std::string& from, const std::string& to,
             const std::string& purpose, const v1::Agreement& other) {
  const auto until = [](const v1::Agreement& agreement) {
    return agreement.valid_until_ms() == 0 ? std::numeric_limits<std::int64_t>::max() : agreement.valid_until_ms();
  };
  return std::ranges::any_of(definition.agreements(), [&](const v1::Agreement& agreement) {
    return agreement.valid_from_ms() < until(other) && other.valid_from_ms() < until(agreement) &&
           std::ranges::any_of(agreement.directions(),
                               [&](const v1::Direction& d) { return d.from() == from && d.to() == to; }) &&
           std::ranges::any_of(agreement.purposes(),
                               [&](const v1::PurposeRule& rule) { return rule.purpose() == purpose; });
  });
}

void check_fallback(Faults& faults, const std::string& path, const v1::NetworkDefinition& definition,
                    const v1::Agreement& agreement, const Known& known) {
  const auto& fallback = agreement.fallback();
  check_reference(faults, path, fallback, "institution", known.institutions);
  if (!known.institutions.contains(fallback)) return;
  for (const auto& direction : agreement.directions()) {
    if (direction.to() == fallback || direction.from() == fallback) {
      faults.add(path, "\"" + fallback + "\" is a party of this agreement", "an institution other than its parties");
      return;
    }
    for (const auto& rule : agreement.purposes())
      if (!covered(definition, direction.from(), fallback, rule.purpose(), agreement)) {
        faults.add(path, "no agreement lets " + direction.from() + " turn to " + fallback + " for " + rule.purpose(),
                   "an institution that such an agreement covers");
        return;
      }
  }
}

}  // namespace

void check_profiles(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  ElementNames names("profiles");
  for (const auto& profile : definition.profiles()) {
    const std::string path = names.next(profile.id());
    check_id(faults, path + ".id", profile.id(), known.profiles);
    check_not_empty(faults, path + ".name_en", profile.name_en());
    check_not_empty(faults, path + ".name_fr", profile.name_fr());
    check_not_empty(faults, path + ".reference", profile.reference());
    check_categories(faults, path + ".categories", profile.categories());
    if (profile.missions().empty()) faults.add(path + ".missions", "there is none", "at least one");
    Ids seen;
    for (int i = 0; i < profile.missions_size(); ++i) {
      const std::string place = path + ".missions[" + std::to_string(i) + "]";
      check_reference(faults, place, profile.missions(i), "mission", known.missions);
      if (!seen.insert(profile.missions(i)).second) faults.add(place, "is named twice", "each mission once");
    }
  }
}

void check_successors(Faults& faults, const v1::NetworkDefinition& definition, const Known& known) {
  ElementNames purposes("purposes");
  for (const auto& purpose : definition.purposes()) {
    const std::string path = purposes.next(purpose.id()) + ".default_recipient";
    if (!purpose.default_recipient().empty())
      check_reference(faults, path, purpose.default_recipient(), "institution", known.institutions);
  }
  ElementNames agreements("agreements");
  for (const auto& agreement : definition.agreements()) {
    const std::string path = agreements.next(agreement.id()) + ".fallback";
    if (!agreement.fallback().empty()) check_fallback(faults, path, definition, agreement, known);
  }
}

}  // namespace relais::core::network
