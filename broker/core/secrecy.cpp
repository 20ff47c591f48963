#include "broker/core/secrecy.h"

#include <algorithm>
#include <string>

#include "broker/base/check.h"
#include "broker/core/rules.h"

namespace relais::core {

namespace {

template <class List, class Element>
bool names(const List& list, const Element& element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

/// `mission` null: one that the network does not know may be told nothing.
base::Status judge(const Directory& directory, const v1::Agreement& agreement, const std::string& purpose,
                   v1::Category category, const v1::Mission* mission) {
  using base::RefusalCode;
  const auto no = [&](RefusalCode code) {
    return refuse(code, {},
                  {{"category", std::string(category_name(category))},
                   {"purpose", purpose},
                   {"agreement", agreement.id()},
                   {"mission", mission == nullptr ? std::string() : mission->id()}});
  };
  const auto* rule = Directory::purpose_rule(agreement, purpose);
  if (rule == nullptr || !names(rule->categories(), category)) return no(RefusalCode::secrecy_category_not_needed);
  if (category == v1::CATEGORY_NIR && !agreement.nir()) return no(RefusalCode::secrecy_nir);
  if (const auto* profile = directory.profile(agreement.profile()))
    if (!names(profile->categories(), category) || mission == nullptr || !names(profile->missions(), mission->id()))
      return no(RefusalCode::secrecy_profile);
  if (mission == nullptr || !names(mission->categories(), category)) return no(RefusalCode::secrecy_mission);
  return base::Done{};
}

}  // namespace

std::string_view category_name(v1::Category category) {
  switch (category) {
    case v1::CATEGORY_IDENTITY:
      return "identity";
    case v1::CATEGORY_CONTACT:
      return "contact";
    case v1::CATEGORY_HOUSEHOLD:
      return "household";
    case v1::CATEGORY_RESOURCES:
      return "resources";
    case v1::CATEGORY_BENEFITS:
      return "benefits";
    case v1::CATEGORY_HOUSING:
      return "housing";
    case v1::CATEGORY_HEALTH:
      return "health";
    case v1::CATEGORY_EMPLOYMENT:
      return "employment";
    case v1::CATEGORY_SOCIAL_SITUATION:
      return "social_situation";
    case v1::CATEGORY_NOTE:
      return "note";
    case v1::CATEGORY_NIR:
      return "nir";
    default:
      return "unspecified";
  }
}

base::Status may_tell(const Directory& directory, const v1::Agreement& agreement, const std::string& purpose,
                      v1::Category category, const std::string& recipient) {
  const auto* institution = directory.institution(recipient);
  const auto* mission = institution == nullptr ? nullptr : directory.mission(institution->mission());
  auto said = judge(directory, agreement, purpose, category, mission);
  if (said) return said;
  auto refusal = said.refusal();
  refusal.facts.emplace_back("recipient", recipient);
  return refusal;
}

base::Status may_tell(const Directory& directory, const v1::Agreement& agreement, const std::string& purpose,
                      v1::Category category, const v1::Mission& mission) {
  return judge(directory, agreement, purpose, category, &mission);
}

base::Status check_secrecy(const Directory& directory, const v1::Agreement& agreement, const v1::Envelope& envelope,
                           const std::string& recipient) {
  if constexpr (!kRulesHold) return base::Done{};
  for (int i = 0; i < envelope.compartments_size(); ++i) {
    const auto& compartment = envelope.compartments(i);
    if (!names(compartment.recipients(), recipient)) continue;
    if (auto said = may_tell(directory, agreement, envelope.purpose(), compartment.category(), recipient); !said) {
      auto refusal = said.refusal();
      refusal.field = "compartments[" + std::to_string(i) + "]";
      return refusal;
    }
  }
  return base::Done{};
}

}  // namespace relais::core
