#include "broker/core/slot_rules.h"

namespace relais::core {

bool takes_place(v1::AppointmentStatus status) {
  switch (status) {
    case v1::APPOINTMENT_STATUS_PENDING:
    case v1::APPOINTMENT_STATUS_BOOKED:
    case v1::APPOINTMENT_STATUS_ARRIVED:
    case v1::APPOINTMENT_STATUS_FULFILLED:
    case v1::APPOINTMENT_STATUS_NOSHOW:
      return true;
    default:
      return false;
  }
}

bool is_bookable(const v1::Slot& slot, base::Instant now) {
  const auto ms = base::to_ms(now);
  return ms < slot.start_ms() || (slot.open() && ms < slot.end_ms());
}

bool has_ended(const v1::Slot& slot, base::Instant now) { return slot.end_ms() <= base::to_ms(now); }

bool is_withdrawn(const v1::SlotRow& row) { return row.slot().capacity() == 0; }

bool has_free_place(const v1::SlotRow& row) { return row.taken() < row.slot().capacity(); }

bool is_same_meeting(const v1::Slot& one, const v1::Slot& other) {
  return one.start_ms() == other.start_ms() && one.end_ms() == other.end_ms() &&
         one.service_id() == other.service_id() && one.location_id() == other.location_id() &&
         one.mode() == other.mode();
}

bool is_in(const v1::Meeting& meeting, const v1::Slot& slot) {
  return meeting.slot_id() == slot.slot_id() && meeting.start_ms() == slot.start_ms() &&
         meeting.end_ms() == slot.end_ms();
}

std::optional<v1::SlotRow> find_slot(const State& state, std::string_view institution, std::string_view slot_id) {
  return state.find<v1::SlotRow>(TableId::slots, keys::slot(institution, slot_id));
}

}  // namespace relais::core
