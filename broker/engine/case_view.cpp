#include "broker/engine/case_view.h"

#include <algorithm>

#include "broker/core/acting.h"
#include "broker/core/parcours.h"

namespace relais::engine::views {

namespace {

/// The lead sees that something was shared, and of which category; as everybody, the content only where it is a reader.
void show_shared(v1::CaseView& view, const std::string& message_id, const core::State& state, bool lead,
                 const SpeaksFor& speaks_for, const EnvelopeOf& envelope_of) {
  const auto message = state.message(message_id);
  base::check(message.has_value(), "a case lists messages that exist");
  const bool ours = lead || speaks_for(message->sender()) ||
                    std::any_of(message->deliveries().begin(), message->deliveries().end(),
                                [&](const v1::DeliveryRow& delivery) { return speaks_for(delivery.recipient()); });
  if (!ours) return;
  const auto envelope = envelope_of({message->position(), message->ordinal()});
  if (!envelope) return;
  auto& shown = *view.add_shared();
  shown.set_message_id(message_id);
  shown.set_sender(message->sender());
  shown.set_at_ms(message->accepted_at_ms());
  for (const auto& compartment : envelope->compartments()) {
    auto& shared = *shown.add_shared();
    shared.set_category(compartment.category());
    *shared.mutable_recipients() = compartment.recipients();
  }
  *shown.mutable_withheld() = envelope->withheld();
}

}  // namespace

bool is_on_a_side(const v1::ReferralRow& referral, const SpeaksFor& speaks_for) {
  const auto sides = core::all_sides(referral);
  return std::any_of(sides.begin(), sides.end(), speaks_for);
}

v1::CaseView case_view(std::string_view case_id, const v1::CaseRow& row, const core::State& state,
                       const SpeaksFor& speaks_for, const EnvelopeOf& envelope_of) {
  v1::CaseView view;
  view.set_case_id(std::string(case_id));
  view.set_lead(row.lead());
  view.set_lead_offered_to(row.lead_offered_to());
  for (auto& institution : core::participants(row)) view.add_participants(std::move(institution));
  const bool lead = speaks_for(row.lead());
  for (int i = std::max(0, row.referrals_size() - kCaseReferralsMax); i < row.referrals_size(); ++i) {
    const auto referral = state.referral(row.referrals(i));
    base::check(referral.has_value(), "a case lists referrals that exist");
    if (lead || is_on_a_side(*referral, speaks_for))
      *view.add_referrals() = referral_view(row.referrals(i), *referral, state);
  }
  for (const auto& consent : row.consents()) {
    auto& shown = *view.add_consents();
    shown.set_purpose(consent.purpose());
    shown.set_granted_at_ms(consent.granted_at_ms());
    shown.set_valid_until_ms(consent.valid_until_ms());
    shown.set_withdrawn_at_ms(consent.withdrawn_at_ms());
  }
  for (const auto& message_id : row.shared()) show_shared(view, message_id, state, lead, speaks_for, envelope_of);
  for (const auto& request : row.rights()) {
    auto& shown = *view.add_rights();
    shown.set_request_id(request.request_id());
    shown.set_right(request.right());
    shown.set_by(request.by());
    shown.set_at_ms(request.at_ms());
    shown.set_due_ms(request.due_ms());
    for (const auto& reply : request.replies()) {
      auto& answered = *shown.add_replies();
      answered.set_institution(reply.institution());
      answered.set_reply(reply.reply());
      answered.set_at_ms(reply.at_ms());
    }
  }
  return view;
}

}  // namespace relais::engine::views
