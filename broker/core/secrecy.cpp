#include "broker/core/secrecy.h"

#include <algorithm>
#include <string>

#include "broker/base/check.h"

namespace relais::core {

namespace {

template <class Categories>
bool names(const Categories& categories, v1::Category category) {
  return std::find(categories.begin(), categories.end(), category) != categories.end();
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

base::Status check_secrecy(const Directory& directory, const v1::Agreement& agreement, const v1::Envelope& envelope) {
  if (envelope.compartments().empty()) return base::Done{};
  const auto* rule = Directory::purpose_rule(agreement, envelope.purpose());
  for (int i = 0; i < envelope.compartments_size(); ++i) {
    const auto& compartment = envelope.compartments(i);
    const auto field = "compartments[" + std::to_string(i) + "]";
    const std::string category(category_name(compartment.category()));
    if (rule == nullptr || !names(rule->categories(), compartment.category()))
      return refuse(base::RefusalCode::secrecy_category_not_needed, field,
                    {{"category", category}, {"purpose", envelope.purpose()}, {"agreement", agreement.id()}});
    for (const auto& recipient : compartment.recipients()) {
      const auto* institution = directory.institution(recipient);
      const auto* mission = institution == nullptr ? nullptr : directory.mission(institution->mission());
      if (mission == nullptr || !names(mission->categories(), compartment.category()))
        return refuse(base::RefusalCode::secrecy_mission, field,
                      {{"category", category}, {"recipient", recipient}, {"agreement", agreement.id()}});
    }
  }
  return base::Done{};
}

}  // namespace relais::core
