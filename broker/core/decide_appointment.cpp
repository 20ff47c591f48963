// What an institution says about an appointment: its own, of this referral, and possible now?
#include "broker/base/ids.h"
#include "broker/core/acting.h"
#include "broker/core/appointment_moves.h"
#include "broker/core/decide_submit.h"
#include "broker/core/message_kinds.h"
#include "broker/core/referral_moves.h"
#include "broker/core/slot_rules.h"

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

/// The guest may confirm what the host proposed, and what is held; only the host books out of nothing. By publishing a
/// slot the host has agreed beforehand to whoever takes a place in it.
Status check_booking(const Case& c, const v1::ReferralRow& referral, const std::optional<v1::AppointmentRow>& known,
                     const v1::Meeting* meeting) {
  if (c.envelope.body_case() != Body::kAppointmentBooked) return base::Done{};
  if (!known && meeting == nullptr) return refuse(RefusalCode::appointment_bad_meeting, "appointment_booked.meeting");
  const bool host = answers(referral, c.envelope.sender());
  const bool agreed = !(meeting != nullptr ? *meeting : known->meeting()).slot_id().empty();
  if (host || agreed) return base::Done{};
  const bool own_proposal =
      known && known->status() == v1::APPOINTMENT_STATUS_PROPOSED && known->proposed_by() == c.envelope.sender();
  if (!known || own_proposal)
    return refuse(RefusalCode::lifecycle_not_your_role, "appointment_booked", {{"role", "recipient"}});
  return base::Done{};
}

/// Somebody must have taken the referral in charge, or published the slot that the appointment is in, or shall be.
bool may_meet(const v1::ReferralRow& referral, const std::optional<v1::AppointmentRow>& known,
              const v1::Meeting* meeting) {
  if (allows_appointments(referral.status())) return true;
  if (is_terminal(referral.status())) return false;
  if (meeting != nullptr) return !meeting->slot_id().empty();
  return known && !known->meeting().slot_id().empty();
}

template <class Value>
bool fits(const Value& said, const Value& absent, const Value& of_slot) {
  return said == absent || said == of_slot;
}

/// What the message leaves open is the slot's; what it says must be.
Result<v1::Meeting> meeting_in_slot(const v1::Meeting& said, const v1::Slot& slot, const std::string& field) {
  const auto differs = [&](std::string_view what) {
    return refuse(RefusalCode::appointment_bad_meeting, field + "." + std::string(what),
                  {{"field", field + "." + std::string(what)}, {"why", "is not that of the slot"}});
  };
  if (!fits<std::int64_t>(said.start_ms(), 0, slot.start_ms())) return differs("start_ms");
  if (!fits<std::int64_t>(said.end_ms(), 0, slot.end_ms())) return differs("end_ms");
  if (!fits<std::string>(said.location_id(), {}, slot.location_id())) return differs("location_id");
  if (!fits<std::string>(said.service_id(), {}, slot.service_id())) return differs("service_id");
  if (!fits(said.mode(), v1::APPOINTMENT_MODE_UNSPECIFIED, slot.mode())) return differs("mode");
  v1::Meeting meeting;
  meeting.set_slot_id(slot.slot_id());
  meeting.set_start_ms(slot.start_ms());
  meeting.set_end_ms(slot.end_ms());
  meeting.set_location_id(slot.location_id());
  meeting.set_service_id(slot.service_id());
  meeting.set_mode(slot.mode());
  return meeting;
}

/// The slot of an appointment that has a place in it, as it was when the place was taken: it may have ended since.
v1::Slot slot_of(const v1::Meeting& meeting) {
  v1::Slot slot;
  slot.set_slot_id(meeting.slot_id());
  slot.set_start_ms(meeting.start_ms());
  slot.set_end_ms(meeting.end_ms());
  slot.set_location_id(meeting.location_id());
  slot.set_service_id(meeting.service_id());
  slot.set_mode(meeting.mode());
  return slot;
}

/// The meeting that `wanted` comes to, in a slot of the host: it is still to come, or people may come now, and there is
/// a place, or the appointment has one already.
Result<v1::Meeting> in_slot(const Case& c, const v1::ReferralRow& referral,
                            const std::optional<v1::AppointmentRow>& known, const v1::Meeting& wanted) {
  const auto field = std::string(kind_of(c.envelope.body_case()).name) + ".meeting";
  const auto row = find_slot(c.state, referral.recipient(), wanted.slot_id());
  const bool has_place = known && takes_place(known->status()) && known->meeting().slot_id() == wanted.slot_id() &&
                         (!row || is_in(known->meeting(), row->slot()));
  if (!has_place && (!row || is_withdrawn(*row)))
    return refuse(RefusalCode::slot_unknown, field + ".slot_id", {{"slot", wanted.slot_id()}});
  const auto slot = row ? row->slot() : slot_of(known->meeting());
  auto meeting = meeting_in_slot(wanted, slot, field);
  if (!meeting) return meeting;
  if (!is_bookable(slot, c.context.now))
    return refuse(RefusalCode::slot_in_the_past, field + ".slot_id", {{"slot", wanted.slot_id()}});
  if (!has_place && !has_free_place(*row))
    return refuse(RefusalCode::slot_full, field + ".slot_id",
                  {{"slot", wanted.slot_id()}, {"capacity", std::to_string(slot.capacity())}});
  return meeting;
}

/// When and where, once this message has its way. Who came to a meeting or not, and that it is cancelled, changes
/// nothing of that.
Result<v1::Meeting> meeting_after(const Case& c, const v1::ReferralRow& referral,
                                  const std::optional<v1::AppointmentRow>& known, const v1::Meeting* said) {
  const auto& wanted = said != nullptr ? *said : known->meeting();
  const bool agrees_on_it = said != nullptr || c.envelope.has_appointment_booked();
  if (!agrees_on_it || wanted.slot_id().empty()) return wanted;
  return in_slot(c, referral, known, wanted);
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
  const auto* said = meeting_in(envelope);
  if (!may_meet(referral, known, said)) return not_now(referral);
  if (auto allowed = check_booking(c, referral, known, said); !allowed) return allowed.refusal();
  const auto present = known ? known->status() : v1::APPOINTMENT_STATUS_UNSPECIFIED;
  const auto next = next_status(present, envelope.body_case());
  if (!next) return appointment_not_now(present);
  if (said != nullptr) {
    const auto field = std::string(kind_of(envelope.body_case()).name) + ".meeting.service_id";
    if (auto offered = check_service(c, referral.recipient(), said->service_id(), field); !offered)
      return offered.refusal();
  }
  auto meeting = meeting_after(c, referral, known, said);
  if (!meeting) return meeting.refusal();
  Decision decision;
  decision.events.push_back(accepted(c, agreement, referral.agreement(), &referral));
  auto& moved = *decision.events.emplace_back().mutable_appointment_moved();
  moved.set_appointment_id(envelope.appointment_id());
  moved.set_referral_id(envelope.referral_id());
  moved.set_status(*next);
  *moved.mutable_meeting() = std::move(*meeting);
  moved.set_proposed_by(known ? known->proposed_by() : envelope.sender());
  if (envelope.has_appointment_held()) moved.set_hold_until_ms(envelope.appointment_held().expires_at_ms());
  return decision;
}

}  // namespace relais::core
