#include "broker/core/acting.h"

#include <algorithm>

#include "broker/core/routing.h"
#include "broker/core/rules.h"

namespace relais::core {

namespace {

bool in_force(const Directory& directory, const v1::Delegation& delegation, base::Instant now) {
  const auto now_ms = base::to_ms(now);
  const auto* agreement = directory.agreement(delegation.agreement());
  return delegation.valid_from_ms() <= now_ms &&
         (delegation.valid_until_ms() == 0 || now_ms < delegation.valid_until_ms()) && agreement != nullptr &&
         Directory::valid_at(*agreement, now);
}

template <class List, class Value>
bool names(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// What of the deed the delegation does not cover; empty when it covers all of it.
std::string_view beyond(const v1::Delegation& delegation, const ActingFor& acting) {
  if (!names(delegation.acts(), static_cast<int>(acting.act))) return "act";
  if (!delegation.purposes().empty() && !names(delegation.purposes(), acting.purpose)) return "purpose";
  if (acting.commune != nullptr && !serves_commune(delegation, *acting.commune, Territory::france())) return "commune";
  return {};
}

}  // namespace

const std::string& accountable_sender(const v1::ReferralRow& referral) {
  return referral.principal().empty() ? referral.sender() : referral.principal();
}

bool asks(const v1::ReferralRow& referral, std::string_view institution) {
  return institution == referral.sender() || (!referral.principal().empty() && institution == referral.principal());
}

bool answers(const v1::ReferralRow& referral, std::string_view institution) {
  return institution == referral.recipient() || (!referral.member().empty() && institution == referral.member());
}

std::vector<std::string> all_sides(const v1::ReferralRow& referral) {
  std::vector<std::string> all{referral.sender(), referral.recipient()};
  for (const auto* beside : {&referral.principal(), &referral.member()})
    if (!beside->empty() && !names(all, *beside)) all.push_back(*beside);
  return all;
}

base::Status check_acting(const Directory& directory, const ActingFor& acting, base::Instant now) {
  using base::RefusalCode;
  if constexpr (!kRulesHold) return base::Done{};
  const v1::Delegation* nearest = nullptr;
  std::string_view what;
  for (const auto& delegation : directory.definition().delegations()) {
    if (delegation.from() != acting.principal || delegation.to() != acting.delegate) continue;
    if (!in_force(directory, delegation, now)) continue;
    what = beyond(delegation, acting);
    if (what.empty()) return base::Done{};
    nearest = &delegation;
  }
  if (nearest == nullptr)
    return refuse(RefusalCode::delegation_none, "on_behalf_of",
                  {{"principal", acting.principal}, {"institution", acting.delegate}});
  return refuse(RefusalCode::delegation_out_of_scope, "on_behalf_of",
                {{"delegation", nearest->id()}, {"principal", acting.principal}, {"what", std::string(what)}});
}

bool is_member(const v1::Institution& team, std::string_view institution) { return names(team.members(), institution); }

}  // namespace relais::core
