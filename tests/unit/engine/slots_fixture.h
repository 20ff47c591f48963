// A host with slots and a guest with a referral to it, over the machine of machine_fixture.h.
#pragma once

#include <string>
#include <vector>

#include "broker/core/slot_rules.h"
#include "broker/engine/reports.h"
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {

class SlotsTest : public MachineTest {
 protected:
  static constexpr std::int64_t kHour = 3'600'000;

  /// caf-1 is the host; the guests are ccas-1 and cpam-1.
  void SetUp() override {
    apply_network();
    for (const auto* institution : {"caf-1", "ccas-1", "cpam-1", "mission-1"}) open(institution, 10'000);
  }

  [[nodiscard]] std::int64_t in_hours(int hours) const { return base::to_ms(now_) + hours * kHour; }

  [[nodiscard]] v1::Slot slot(const std::string& id, int hours = 24, std::uint32_t capacity = 1) const {
    v1::Slot slot;
    slot.set_slot_id(id);
    slot.set_service_id("caf-1-help");
    slot.set_location_id("caf-1-desk");
    slot.set_start_ms(in_hours(hours));
    slot.set_end_ms(in_hours(hours + 1));
    slot.set_capacity(capacity);
    slot.set_mode(v1::APPOINTMENT_MODE_ON_SITE);
    return slot;
  }

  v1::Envelope of_host(const std::string& host = "caf-1") {
    auto e = envelope(host, "nobody");
    e.clear_recipients();
    e.clear_case_id();
    e.clear_referral_id();
    return e;
  }

  v1::Envelope published(const std::vector<v1::Slot>& slots, const std::string& host = "caf-1") {
    auto e = of_host(host);
    for (const auto& one : slots) *e.mutable_slots_published()->add_slots() = one;
    return e;
  }

  v1::Envelope withdrawn(const std::vector<std::string>& ids, const std::string& host = "caf-1") {
    auto e = of_host(host);
    for (const auto& id : ids) e.mutable_slots_withdrawn()->add_slot_ids(id);
    return e;
  }

  void publish(const std::vector<v1::Slot>& slots) { ASSERT_EQ(refusal_of(published(slots)), "accepted"); }

  /// A referral of ccas-1 to caf-1, requested and no more.
  void refer(char referral, bool exercise = false) {
    auto e = request(referral, referral);
    e.set_exercise(exercise);
    ASSERT_EQ(refusal_of(e), "accepted");
    if (exercise) exercises_ += referral;
  }

  void accept(char referral) {
    auto e = envelope("caf-1", "ccas-1", referral, referral);
    e.mutable_referral_accepted();
    ASSERT_EQ(refusal_of(e), "accepted");
  }

  /// `fill` sets the body. From the guest, or from the host.
  template <class Fill>
  v1::Envelope about(char referral, char appointment, Fill&& fill, bool from_host = false) {
    auto e =
        from_host ? envelope("caf-1", "ccas-1", referral, referral) : envelope("ccas-1", "caf-1", referral, referral);
    e.set_appointment_id(std::string(16, appointment));
    e.set_exercise(exercises_.find(referral) != std::string::npos);
    fill(e);
    return e;
  }

  v1::Envelope booking(char referral, char appointment, const std::string& slot_id, bool from_host = false) {
    return about(
        referral, appointment,
        [&](v1::Envelope& e) { e.mutable_appointment_booked()->mutable_meeting()->set_slot_id(slot_id); }, from_host);
  }
  v1::Envelope holding(char referral, char appointment, const std::string& slot_id, int hours = 1) {
    return about(referral, appointment, [&](v1::Envelope& e) {
      e.mutable_appointment_held()->mutable_meeting()->set_slot_id(slot_id);
      e.mutable_appointment_held()->set_expires_at_ms(in_hours(hours));
    });
  }
  v1::Envelope rescheduling(char referral, char appointment, const std::string& slot_id) {
    return about(referral, appointment, [&](v1::Envelope& e) {
      e.mutable_appointment_rescheduled()->mutable_meeting()->set_slot_id(slot_id);
    });
  }
  v1::Envelope cancelling(char referral, char appointment, bool from_host = false) {
    return about(
        referral, appointment,
        [](v1::Envelope& e) {
          e.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_PERSON);
          e.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_UNAVAILABLE);
        },
        from_host);
  }

  std::optional<v1::SlotRow> row(const std::string& id, const std::string& host = "caf-1") {
    return core::find_slot(machine_->state(), host, id);
  }
  std::uint32_t taken(const std::string& id) { return row(id).value().taken(); }

  v1::AppointmentRow appointment(char id) {
    return machine_->state().find<v1::AppointmentRow>(core::TableId::appointments, std::string(16, id)).value();
  }

  void pass_time(int hours) {
    now_ += std::chrono::hours(hours);
    while (machine_->pass_time(now_, 100)) {
    }
    turn();
  }

  std::size_t rows(core::TableId table) {
    std::size_t count = 0;
    machine_->state().tables().scan(table, {}, {}, [&](auto, auto) { return ++count != 0; });
    return count;
  }

  std::string exercises_;
};

}  // namespace relais::engine
