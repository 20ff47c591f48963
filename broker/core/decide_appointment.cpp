// What an institution says about an appointment: its own, of this referral, and possible now?
#include "broker/base/ids.h"
#include "broker/core/appointment_moves.h"
#include "broker/core/decide_submit.h"
#include "broker/core/message_kinds.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;
using base::Status;

const v1::Meeting* meeting_in(const v1::Envelope& envelope) {
  switch (envelope.body_case()) {
    case Body::kAppointmentProposed:
      return &envelope.appointment_proposed().meeting();
    case Body::kAppointmentHeld:
      return &envelope.appointment_held().meeting();
    case Body::kAppointmentRescheduled:
      return &envelope.appointment_rescheduled().meeting();
    case Body::kAppointmentBooked:
      return envelope.appointment_booked().has_meeting() ? &envelope.appointment_booked().meeting() : nullptr;
    default:
      return nullptr;
  }
}

base::Refusal appointment_not_now(v1::AppointmentStatus status) {
  auto no = refuse(RefusalCode::lifecycle_invalid_transition, "appointment_id");
  no.present = status_name(status);
  no.allowed = allowed_messages(status);
  return no;
}

/// The guest may confirm what the host proposed, and what is held; only the host books out of nothing.
Status check_booking(const Case& c, const v1::ReferralRow& referral, const std::optional<v1::AppointmentRow>& known) {
  if (c.envelope.body_case() != Body::kAppointmentBooked) return base::Done{};
  const bool host = c.envelope.sender() == referral.recipient();
  if (!known) {
    if (!host) return refuse(RefusalCode::lifecycle_not_your_role, "appointment_booked", {{"role", "recipient"}});
    if (!c.envelope.appointment_booked().has_meeting())
      return refuse(RefusalCode::appointment_bad_meeting, "appointment_booked.meeting");
    return base::Done{};
  }
  if (known->status() == v1::APPOINTMENT_STATUS_PROPOSED && known->proposed_by() == c.envelope.sender() && !host)
    return refuse(RefusalCode::lifecycle_not_your_role, "appointment_booked", {{"role", "recipient"}});
  return base::Done{};
}

}  // namespace

Result<Decision> move_appointment(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement) {
  const auto& envelope = c.envelope;
  const auto known = c.state.find<v1::AppointmentRow>(TableId::appointments, envelope.appointment_id());
  const std::string id = base::id_text(envelope.appointment_id());
  if (known && known->referral_id() != envelope.referral_id())
    return refuse(RefusalCode::appointment_unknown, "appointment_id", {{"appointment", id}});
  const bool opens = next_status(v1::APPOINTMENT_STATUS_UNSPECIFIED, envelope.body_case()).has_value();
  if (!known && !opens) return refuse(RefusalCode::appointment_unknown, "appointment_id", {{"appointment", id}});
  if (known && (envelope.has_appointment_proposed() || envelope.has_appointment_held()))
    return refuse(RefusalCode::appointment_already_exists, "appointment_id", {{"appointment", id}});
  if (!allows_appointments(referral.status())) return not_now(referral);
  if (auto said = check_booking(c, referral, known); !said) return said.refusal();
  const auto present = known ? known->status() : v1::APPOINTMENT_STATUS_UNSPECIFIED;
  const auto next = next_status(present, envelope.body_case());
  if (!next) return appointment_not_now(present);
  const auto* meeting = meeting_in(envelope);
  Decision decision;
  decision.events.push_back(accepted(c, agreement, referral.agreement()));
  auto& moved = *decision.events.emplace_back().mutable_appointment_moved();
  moved.set_appointment_id(envelope.appointment_id());
  moved.set_referral_id(envelope.referral_id());
  moved.set_status(*next);
  *moved.mutable_meeting() = meeting != nullptr ? *meeting : known->meeting();
  moved.set_proposed_by(known ? known->proposed_by() : envelope.sender());
  if (envelope.has_appointment_held()) moved.set_hold_until_ms(envelope.appointment_held().expires_at_ms());
  return decision;
}

}  // namespace relais::core
