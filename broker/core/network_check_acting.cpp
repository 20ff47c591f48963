// Delegations and teams: who acts for whom, and who stands behind one desk.
#include <algorithm>

#include "broker/core/network_check_parts.h"

namespace relais::core::network {

namespace {

bool is_party(const v1::Agreement& agreement, const std::string& institution) {
  return std::ranges::any_of(agreement.directions(), [&](const v1::Direction& direction) {
    return direction.from() == institution || direction.to() == institution;
  });
}

void check_convention(Faults& faults, const std::string& path, const v1::NetworkDefinition& definition,
                      const v1::Delegation& delegation, const Known& known) {
  check_reference(faults, path, delegation.agreement(), "agreement", known.agreements);
  for (const auto& agreement : definition.agreements()) {
    if (agreement.id() != delegation.agreement()) continue;
    for (const auto* party : {&delegation.from(), &delegation.to()})
      if (!party->empty() && !is_party(agreement, *party))
        faults.add(path, *party + " is no party of it", "an agreement between the two");
    return;
  }
}

void check_acts(Faults& faults, const std::string& path, const v1::Delegation& delegation) {
  if (delegation.acts().empty()) faults.add(path + ".acts", "there is none", "refer, book");
  std::set<int> seen;
  for (int i = 0; i < delegation.acts_size(); ++i) {
    const int act = delegation.acts().Get(i);
    if (!v1::Act_IsValid(act) || act == v1::ACT_UNSPECIFIED)
      faults.add(element(path, "acts", i), "is not an act", "refer, book");
    else if (!seen.insert(act).second)
      faults.add(element(path, "acts", i), "is named twice", "each act once");
  }
}

/// Whether a chain of delegations leads from `start` back to it. Who acts for itself through others would answer to
/// nobody.
bool comes_back(const v1::NetworkDefinition& definition, const v1::Delegation& start) {
  Ids reached{start.to()};
  std::vector<std::string> open{start.to()};
  while (!open.empty()) {
    const auto at = std::move(open.back());
    open.pop_back();
    for (const auto& next : definition.delegations()) {
      if (next.from() != at) continue;
      if (next.to() == start.from()) return true;
      if (reached.insert(next.to()).second) open.push_back(next.to());
    }
  }
  return false;
}

}  // namespace

void check_delegations(Faults& faults, const v1::NetworkDefinition& definition, const Known& known) {
  ElementNames names("delegations");
  Ids ids;
  for (const auto& delegation : definition.delegations()) {
    const std::string path = names.next(delegation.id());
    check_id(faults, path + ".id", delegation.id(), ids);
    check_reference(faults, path + ".from", delegation.from(), "institution", known.institutions);
    check_reference(faults, path + ".to", delegation.to(), "institution", known.institutions);
    if (!delegation.from().empty() && delegation.from() == delegation.to())
      faults.add(path + ".to", "an institution does not delegate to itself", "another institution");
    else if (comes_back(definition, delegation))
      faults.add(path + ".to", "the delegations run in a circle", "a chain that ends");
    check_convention(faults, path + ".agreement", definition, delegation, known);
    check_acts(faults, path, delegation);
    Ids seen;
    for (int i = 0; i < delegation.purposes_size(); ++i) {
      check_reference(faults, element(path, "purposes", i), delegation.purposes(i), "purpose", known.purposes);
      if (!seen.insert(delegation.purposes(i)).second)
        faults.add(element(path, "purposes", i), "is named twice", "each purpose once");
    }
    check_area(faults, path, delegation);
    check_validity(faults, path, delegation.valid_from_ms(), delegation.valid_until_ms());
  }
}

void check_teams(Faults& faults, const v1::NetworkDefinition& definition, const Known& known) {
  Ids teams;
  for (const auto& institution : definition.institutions())
    if (!institution.members().empty()) teams.insert(institution.id());
  ElementNames names("institutions");
  for (const auto& team : definition.institutions()) {
    const std::string path = names.next(team.id());
    Ids seen;
    for (int i = 0; i < team.members_size(); ++i) {
      const auto& member = team.members(i);
      const std::string place = element(path, "members", i);
      check_reference(faults, place, member, "institution", known.institutions);
      if (member == team.id())
        faults.add(place, "a team is no member of itself", "another institution");
      else if (teams.contains(member))
        faults.add(place, "\"" + member + "\" is a team itself", "an institution that is no team");
      else if (!seen.insert(member).second)
        faults.add(place, "\"" + member + "\" is named twice", "each member once");
    }
  }
}

}  // namespace relais::core::network
