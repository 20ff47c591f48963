// What participants say about a case as a whole: notes among several, the lead, who is kept on, consent.
#include <algorithm>

#include "broker/base/ids.h"
#include "broker/core/decide_submit.h"
#include "broker/core/message_kinds.h"
#include "broker/core/notice.h"
#include "broker/core/parcours.h"
#include "broker/core/rules.h"
#include "broker/core/secrecy.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;
using base::Status;

base::Refusal not_followed(std::string field, const std::string& institution) {
  return refuse(RefusalCode::secrecy_not_followed_together, std::move(field), {{"institution", institution}});
}

base::Refusal only_the(std::string_view role, const Case& c) {
  return refuse(RefusalCode::lifecycle_not_your_role, std::string(kind_of(c.envelope.body_case()).name),
                {{"role", std::string(role)}});
}

/// The first criterion: the sender and everybody it names take part in the case.
Status check_together(const Case& c, const v1::CaseRow& parcours) {
  if constexpr (!kRulesHold) return base::Done{};
  if (!takes_part(parcours, c.envelope.sender())) return not_followed("sender", c.envelope.sender());
  for (int i = 0; i < c.envelope.recipients_size(); ++i)
    if (!takes_part(parcours, c.envelope.recipients(i)))
      return not_followed("recipients[" + std::to_string(i) + "]", c.envelope.recipients(i));
  return base::Done{};
}

Result<Decision> share_note(const Case& c, const v1::CaseRow& parcours) {
  const v1::Agreement* shortest = nullptr;
  for (const auto& recipient : c.envelope.recipients()) {
    const auto agreement = agreement_between(c, c.envelope.sender(), recipient);
    if (!agreement) return agreement.refusal();
    if (auto said = check_secrecy(c.directory, **agreement, c.envelope, recipient); !said) return said.refusal();
    if (auto said = check_consent(**agreement, c.envelope.purpose(), &parcours, c.context.now); !said)
      return said.refusal();
    if (shortest == nullptr || (*agreement)->retention_ms() < shortest->retention_ms()) shortest = *agreement;
  }
  Decision decision;
  decision.events.push_back(accepted(c, shortest, shortest->id()));
  return decision;
}

Decision propose_lead(const Case& c, const std::string& to) {
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  auto& proposed = *decision.events.emplace_back().mutable_lead_proposed();
  proposed.set_case_id(c.envelope.case_id());
  proposed.set_to(to);
  return decision;
}

Result<Decision> answer_lead(const Case& c, const v1::CaseRow& parcours) {
  const auto& envelope = c.envelope;
  if (parcours.lead_offered_to() != envelope.sender() || envelope.recipients(0) != parcours.lead())
    return refuse(RefusalCode::lead_not_offered, "case_id",
                  {{"institution", envelope.sender()}, {"lead", parcours.lead()}});
  if (envelope.has_lead_declined()) return propose_lead(c, {});
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  auto& led = *decision.events.emplace_back().mutable_case_led();
  led.set_case_id(envelope.case_id());
  led.set_lead(envelope.sender());
  return decision;
}

/// The lead keeps on or releases the recipient; whom it kept on may release itself.
Result<Decision> keep_on(const Case& c, const v1::CaseRow& parcours) {
  const auto& envelope = c.envelope;
  const bool leads = envelope.sender() == parcours.lead();
  if (!leads && !(envelope.has_participant_released() && envelope.recipients(0) == parcours.lead()))
    return only_the("lead", c);
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  auto& kept = *decision.events.emplace_back().mutable_participant_kept_on();
  kept.set_case_id(envelope.case_id());
  kept.set_institution(leads ? envelope.recipients(0) : envelope.sender());
  kept.set_kept(envelope.has_participant_kept());
  return decision;
}

Status check_purposes(const Case& c, const google::protobuf::RepeatedPtrField<std::string>& purposes,
                      std::string_view list) {
  for (int i = 0; i < purposes.size(); ++i)
    if (c.directory.purpose(purposes[i]) == nullptr)
      return refuse(RefusalCode::purpose_unknown, std::string(list) + "[" + std::to_string(i) + "]",
                    {{"purpose", purposes[i]}});
  return base::Done{};
}

void record(const Case& c, const std::string& purpose, bool withdrawn, std::vector<v1::Event>& events) {
  auto& recorded = *events.emplace_back().mutable_consent_recorded();
  recorded.set_case_id(c.envelope.case_id());
  recorded.set_purpose(purpose);
  recorded.set_withdrawn(withdrawn);
  recorded.set_by(c.envelope.sender());
  if (!withdrawn) recorded.set_valid_until_ms(c.envelope.consent_granted().valid_until_ms());
}

/// Whoever hears the person first records it, before the referral that needs it: the case begins then.
Result<Decision> grant_consent(const Case& c, const std::optional<v1::CaseRow>& parcours) {
  if (parcours) {
    if (auto said = check_together(c, *parcours); !said) return said.refusal();
  } else if (!c.envelope.recipients().empty()) {
    return not_followed("recipients[0]", c.envelope.recipients(0));
  }
  const auto& purposes = c.envelope.consent_granted().purposes();
  if (auto said = check_purposes(c, purposes, "consent_granted.purposes"); !said) return said.refusal();
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  if (!parcours) {
    auto& led = *decision.events.emplace_back().mutable_case_led();
    led.set_case_id(c.envelope.case_id());
    led.set_lead(c.envelope.sender());
  }
  for (const auto& purpose : purposes) record(c, purpose, false, decision.events);
  return decision;
}

Result<Decision> withdraw_consent(const Case& c, const v1::CaseRow& parcours) {
  const auto& named = c.envelope.consent_withdrawn().purposes();
  if (auto said = check_purposes(c, named, "consent_withdrawn.purposes"); !said) return said.refusal();
  std::vector<std::string> purposes(named.begin(), named.end());
  if (purposes.empty()) {
    for (const auto& consent : parcours.consents()) purposes.push_back(consent.purpose());
    const bool on_record = std::find(purposes.begin(), purposes.end(), c.envelope.purpose()) != purposes.end();
    if (!on_record) purposes.push_back(c.envelope.purpose());
  }
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  v1::Envelope notice;
  notice.set_exercise(c.envelope.exercise());
  for (const auto& purpose : purposes) {
    record(c, purpose, true, decision.events);
    notice.mutable_consent_withdrawn()->add_purposes(purpose);
  }
  auto others = participants(parcours);
  std::erase(others, c.envelope.sender());
  if (!others.empty())
    decision.events.push_back(make_case_notice(std::move(notice), c.envelope.case_id(), others, 1, c.context));
  return decision;
}

}  // namespace

Result<Decision> decide_case(const Case& c) {
  const auto& envelope = c.envelope;
  const auto parcours = c.state.find<v1::CaseRow>(TableId::cases, envelope.case_id());
  if (envelope.has_consent_granted()) return grant_consent(c, parcours);
  if (!parcours) return refuse(RefusalCode::case_unknown, "case_id", {{"case", base::id_text(envelope.case_id())}});
  if (envelope.has_rights_requested() || envelope.has_rights_answered()) return decide_rights(c, *parcours);
  if (auto said = check_together(c, *parcours); !said) return said.refusal();
  switch (envelope.body_case()) {
    case Body::kNoteShared:
      return share_note(c, *parcours);
    case Body::kLeadOffered:
      if (envelope.sender() != parcours->lead()) return only_the("lead", c);
      return propose_lead(c, envelope.recipients(0));
    case Body::kLeadAccepted:
    case Body::kLeadDeclined:
      return answer_lead(c, *parcours);
    case Body::kParticipantKept:
    case Body::kParticipantReleased:
      return keep_on(c, *parcours);
    case Body::kConsentWithdrawn:
      return withdraw_consent(c, *parcours);
    default:
      break;
  }
  base::fail_check("a message about a case is of a known kind", std::source_location::current());
}

}  // namespace relais::core
