#include "broker/core/parcours.h"

#include <algorithm>

#include "broker/core/acting.h"
#include "broker/core/rules.h"

namespace relais::core {

namespace {

using base::RefusalCode;

base::Refusal no_consent(RefusalCode code, std::string_view purpose, const v1::Agreement& agreement) {
  return base::refuse(code, "case_id", {{"purpose", std::string(purpose)}, {"agreement", agreement.id()}});
}

}  // namespace

bool takes_part(const v1::CaseRow& parcours, std::string_view institution) {
  return parcours.lead() == institution ||
         std::any_of(parcours.participants().begin(), parcours.participants().end(),
                     [&](const v1::CaseParticipant& p) { return p.institution() == institution; });
}

std::vector<std::string> participants(const v1::CaseRow& parcours) {
  std::vector<std::string> all;
  if (!parcours.lead().empty()) all.push_back(parcours.lead());
  for (const auto& participant : parcours.participants())
    if (participant.institution() != parcours.lead()) all.push_back(participant.institution());
  return all;
}

const v1::RightsRow* rights_request(const v1::CaseRow& parcours, std::string_view request_id) {
  const auto found = std::find_if(parcours.rights().begin(), parcours.rights().end(),
                                  [&](const v1::RightsRow& row) { return row.request_id() == request_id; });
  return found == parcours.rights().end() ? nullptr : &*found;
}

std::vector<std::string> who_was_told(const v1::CaseRow& parcours, const State& state) {
  auto all = participants(parcours);
  const auto add = [&](const std::string& institution) {
    if (!institution.empty() && std::find(all.begin(), all.end(), institution) == all.end()) all.push_back(institution);
  };
  for (const auto& id : parcours.referrals()) {
    const auto referral = state.referral(id);
    base::check(referral.has_value(), "a case lists referrals that exist");
    for (const auto& side : all_sides(*referral)) add(side);
    const auto request = state.message(referral->request_id());
    if (!request) continue;
    for (const auto& delivery : request->deliveries())
      if (delivery.state() == v1::DELIVERY_STATE_DELIVERED) add(delivery.recipient());
  }
  return all;
}

base::Status check_consent(const v1::Agreement& agreement, std::string_view purpose, const v1::CaseRow* parcours,
                           base::Instant now) {
  if (!kRulesHold || agreement.basis() != v1::BASIS_CONSENT) return base::Done{};
  if (parcours == nullptr) return no_consent(RefusalCode::consent_missing, purpose, agreement);
  const auto consent = std::find_if(parcours->consents().begin(), parcours->consents().end(),
                                    [&](const v1::ConsentRow& row) { return row.purpose() == purpose; });
  if (consent == parcours->consents().end()) return no_consent(RefusalCode::consent_missing, purpose, agreement);
  if (consent->withdrawn_at_ms() != 0) return no_consent(RefusalCode::consent_withdrawn, purpose, agreement);
  if (consent->valid_until_ms() != 0 && base::to_ms(now) >= consent->valid_until_ms())
    return no_consent(RefusalCode::consent_expired, purpose, agreement);
  return base::Done{};
}

}  // namespace relais::core
