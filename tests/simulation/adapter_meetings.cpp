// Slots and appointments, as the host's and the guest's workers make, move and end them.
#include "tests/simulation/adapter.h"

namespace relais::simulation {

/// A handful of ids that come back again and again: published, moved, shrunk, withdrawn, and wished for by others.
std::string Adapter::some_slot() { return "slot-" + std::to_string(random_.upto(5)); }

void Adapter::change_slots(std::int64_t now_ms) {
  v1::Envelope envelope;
  if (random_.chance(15)) {
    envelope.mutable_slots_withdrawn()->add_slot_ids(some_slot());
    return void(put_in_outbox(std::move(envelope), now_ms, false));
  }
  std::set<std::string> ids;
  for (std::uint64_t i = 0; i <= random_.upto(5); ++i) ids.insert(some_slot());
  for (const auto& id : ids) {
    auto& slot = *envelope.mutable_slots_published()->add_slots();
    slot.set_slot_id(id);
    if (random_.chance(50)) slot.set_service_id(institution_ + "-help");
    // Whole hours, so that a slot often comes again as it was.
    slot.set_start_ms((now_ms / kOneHourMs + static_cast<std::int64_t>(1 + random_.upto(400))) * kOneHourMs);
    slot.set_end_ms(slot.start_ms() + kOneHourMs * static_cast<std::int64_t>(1 + random_.upto(3)));
    slot.set_capacity(static_cast<std::uint32_t>(1 + random_.upto(2)));
    slot.set_open(random_.chance(30));
  }
  put_in_outbox(std::move(envelope), now_ms, false);
}

void Adapter::meet(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms) {
  auto envelope = about(referral_id, dossier);
  const bool fresh = dossier.appointments.empty() || random_.chance(30);
  envelope.set_appointment_id(fresh ? random_.id()
                                    : dossier.appointments[random_.upto(dossier.appointments.size() - 1)]);
  v1::Meeting meeting;
  const bool in_slot = random_.chance(60);
  if (in_slot) {
    meeting.set_slot_id(some_slot());
  } else {
    meeting.set_start_ms(now_ms + 24 * kOneHourMs);
    meeting.set_end_ms(now_ms + 25 * kOneHourMs);
  }
  if (fresh) {
    if (dossier.appointments.size() < 4) dossier.appointments.push_back(envelope.appointment_id());
    if ((!dossier.mine || in_slot) && random_.chance(50)) {
      *envelope.mutable_appointment_booked()->mutable_meeting() = meeting;
    } else if (random_.chance(50)) {
      *envelope.mutable_appointment_proposed()->mutable_meeting() = meeting;
    } else {
      *envelope.mutable_appointment_held()->mutable_meeting() = meeting;
      envelope.mutable_appointment_held()->set_expires_at_ms(now_ms + 2 * kOneHourMs);
    }
    return void(put_in_outbox(std::move(envelope), now_ms, false));
  }
  switch (random_.upto(dossier.mine ? 2 : 5)) {
    case 0:
      *envelope.mutable_appointment_rescheduled()->mutable_meeting() = meeting;
      break;
    case 1:
      envelope.mutable_appointment_booked();
      if (random_.chance(30)) *envelope.mutable_appointment_booked()->mutable_meeting() = meeting;
      break;
    case 2:
      envelope.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_PERSON);
      envelope.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_UNAVAILABLE);
      break;
    case 3:
      envelope.mutable_appointment_arrived();
      break;
    case 4:
      envelope.mutable_appointment_fulfilled();
      break;
    default:
      envelope.mutable_appointment_no_show();
      break;
  }
  put_in_outbox(std::move(envelope), now_ms, false);
}

}  // namespace relais::simulation
