#include "broker/core/apply_slots.h"

#include "broker/core/slot_rules.h"

namespace relais::core {

namespace {

std::string free_key(std::string_view institution, const v1::Slot& slot) {
  return keys::free_slot(institution, slot.service_id(), slot.start_ms(), slot.slot_id());
}

std::string end_timer(std::string_view institution, const v1::Slot& slot) {
  return keys::timer(base::from_ms(slot.end_ms()), keys::Timer::slot_ends, keys::slot(institution, slot.slot_id()));
}

void put_slot(State& state, std::string_view institution, const v1::SlotRow& row) {
  state.put(TableId::slots, keys::slot(institution, row.slot().slot_id()), row);
  if (has_free_place(row))
    state.put(TableId::free_slots, free_key(institution, row.slot()), v1::TimerRow());
  else
    state.erase(TableId::free_slots, free_key(institution, row.slot()));
}

void erase_slot(State& state, std::string_view institution, const v1::Slot& slot) {
  state.erase(TableId::free_slots, free_key(institution, slot));
  state.erase(TableId::timers, end_timer(institution, slot));
  state.erase(TableId::slots, keys::slot(institution, slot.slot_id()));
}

/// Nothing to give back once the slot has ended.
void give_back(State& state, std::string_view host, const v1::Meeting& meeting) {
  auto row = find_slot(state, host, meeting.slot_id());
  if (!row || !is_in(meeting, row->slot())) return;
  base::check(row->taken() > 0, "a place that is given back was taken");
  row->set_taken(row->taken() - 1);
  put_slot(state, host, *row);
}

void take(State& state, std::string_view host, const v1::Meeting& meeting) {
  auto row = find_slot(state, host, meeting.slot_id());
  base::check(row && is_in(meeting, row->slot()) && has_free_place(*row), "a place that is taken was free");
  row->set_taken(row->taken() + 1);
  put_slot(state, host, *row);
}

bool is_same_place(const v1::Meeting& one, const v1::Meeting& other) {
  return one.slot_id() == other.slot_id() && one.start_ms() == other.start_ms() && one.end_ms() == other.end_ms();
}

}  // namespace

void publish_slot(State& state, const v1::SlotPublished& event) {
  auto row = find_slot(state, event.institution(), event.slot().slot_id());
  if (row)
    erase_slot(state, event.institution(), row->slot());
  else
    row.emplace();
  *row->mutable_slot() = event.slot();
  put_slot(state, event.institution(), *row);
  state.put(TableId::timers, end_timer(event.institution(), event.slot()), v1::TimerRow());
}

void withdraw_slot(State& state, const v1::SlotWithdrawn& event, const Moment& moment) {
  auto row = find_slot(state, event.institution(), event.slot_id());
  base::check(row.has_value(), "a withdrawn slot is there");
  if (row->taken() == 0 || has_ended(row->slot(), moment.at))
    return erase_slot(state, event.institution(), row->slot());
  row->mutable_slot()->set_capacity(0);
  put_slot(state, event.institution(), *row);
}

void change_places(State& state, std::string_view host, const v1::AppointmentRow* before,
                   const v1::AppointmentMoved& after) {
  const bool had = before != nullptr && takes_place(before->status()) && !before->meeting().slot_id().empty();
  const bool has = takes_place(after.status()) && !after.meeting().slot_id().empty();
  if (had && has && is_same_place(before->meeting(), after.meeting())) return;
  if (had) give_back(state, host, before->meeting());
  if (has) take(state, host, after.meeting());
}

}  // namespace relais::core
