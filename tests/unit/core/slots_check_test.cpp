// The shape of messages about slots, and of meetings in one.
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "broker/base/crypto.h"
#include "broker/core/envelope_check.h"
#include "broker/core/slot_rules.h"

namespace relais::core {
namespace {

constexpr base::Instant kSlotsNow = base::from_ms(1'800'000'000'000);
constexpr std::int64_t kHour = 3'600'000;

v1::Slot good_slot(const std::string& id = "desk-1") {
  v1::Slot slot;
  slot.set_slot_id(id);
  slot.set_service_id("help");
  slot.set_start_ms(base::to_ms(kSlotsNow) + kHour);
  slot.set_end_ms(base::to_ms(kSlotsNow) + 2 * kHour);
  slot.set_capacity(1);
  return slot;
}

v1::Envelope slots_envelope() {
  v1::Envelope envelope;
  envelope.set_version(1);
  envelope.set_message_id(std::string(16, 'm'));
  envelope.set_sender("caf-25");
  envelope.set_purpose("access_to_rights");
  envelope.set_sent_at_ms(base::to_ms(kSlotsNow));
  envelope.set_signing_key("s1");
  *envelope.mutable_slots_published()->add_slots() = good_slot();
  return envelope;
}

std::string fault_of(const v1::Envelope& envelope) {
  v1::Submit submit;
  envelope.SerializeToString(submit.mutable_envelope());
  submit.set_signature(std::string(64, 's'));
  std::string message_id;
  const auto checked = check_submission(std::move(submit), kSlotsNow, message_id);
  return checked ? "" : std::string(checked.refusal().name()) + " " + checked.refusal().field;
}

std::string with(const std::function<void(v1::Envelope&)>& change) {
  auto envelope = slots_envelope();
  change(envelope);
  return fault_of(envelope);
}

std::string with_slot(const std::function<void(v1::Slot&)>& change) {
  return with([&](v1::Envelope& e) { change(*e.mutable_slots_published()->mutable_slots(0)); });
}

TEST(SlotsCheck, takes_what_is_sound) {
  EXPECT_EQ(fault_of(slots_envelope()), "");
  EXPECT_EQ(with([](auto& e) { e.mutable_slots_withdrawn()->add_slot_ids("desk-1"); }), "");
  EXPECT_EQ(with_slot([](auto& s) { s.clear_service_id(); }), "");
  EXPECT_EQ(with_slot([](auto& s) { s.set_capacity(10'000); }), "");
  EXPECT_EQ(with_slot([](auto& s) { s.set_end_ms(s.start_ms() + 24 * kHour); }), "");
}

TEST(SlotsCheck, lets_nobody_but_the_broker_be_told) {
  EXPECT_EQ(with([](auto& e) { e.add_recipients("ccas-25056"); }), "envelope.malformed recipients");
  EXPECT_EQ(with([](auto& e) { e.set_case_id(std::string(16, 'c')); }), "envelope.malformed case_id");
  EXPECT_EQ(with([](auto& e) { e.set_referral_id(std::string(16, 'r')); }), "envelope.malformed referral_id");
  EXPECT_EQ(with([](auto& e) { e.set_appointment_id(std::string(16, 'a')); }), "envelope.malformed appointment_id");
  EXPECT_EQ(with([](auto& e) { e.add_compartments(); }), "envelope.malformed compartments");
  EXPECT_EQ(with([](auto& e) { e.set_exercise(true); }), "envelope.malformed exercise");
  EXPECT_EQ(with([](auto& e) { e.clear_purpose(); }), "envelope.malformed purpose");
}

TEST(SlotsCheck, counts_them) {
  const auto many = [](int count) {
    return with([&](v1::Envelope& e) {
      e.mutable_slots_published()->clear_slots();
      for (int i = 0; i < count; ++i) *e.mutable_slots_published()->add_slots() = good_slot("s" + std::to_string(i));
    });
  };
  EXPECT_EQ(many(0), "envelope.malformed slots_published.slots");
  EXPECT_EQ(many(kSlotsMax), "");
  EXPECT_EQ(many(kSlotsMax + 1), "envelope.malformed slots_published.slots");
  const auto ids = [](int count) {
    return with([&](v1::Envelope& e) {
      e.mutable_slots_withdrawn();
      for (int i = 0; i < count; ++i) e.mutable_slots_withdrawn()->add_slot_ids("s" + std::to_string(i));
    });
  };
  EXPECT_EQ(ids(0), "envelope.malformed slots_withdrawn.slot_ids");
  EXPECT_EQ(ids(kSlotsMax), "");
  EXPECT_EQ(ids(kSlotsMax + 1), "envelope.malformed slots_withdrawn.slot_ids");
}

TEST(SlotsCheck, looks_at_each_field_of_a_slot) {
  const std::string at = "slots_published.slots[0].";
  EXPECT_EQ(with_slot([](auto& s) { s.clear_slot_id(); }), "envelope.malformed " + at + "slot_id");
  EXPECT_EQ(with_slot([](auto& s) { s.set_slot_id("Desk 1"); }), "envelope.malformed " + at + "slot_id");
  EXPECT_EQ(with_slot([](auto& s) { s.set_service_id("Help"); }), "envelope.malformed " + at + "service_id");
  EXPECT_EQ(with_slot([](auto& s) { s.set_location_id("?"); }), "envelope.malformed " + at + "location_id");
  EXPECT_EQ(with_slot([](auto& s) { s.set_capacity(0); }), "envelope.malformed " + at + "capacity");
  EXPECT_EQ(with_slot([](auto& s) { s.set_capacity(10'001); }), "envelope.malformed " + at + "capacity");
  EXPECT_EQ(with_slot([](auto& s) { s.set_mode(static_cast<v1::AppointmentMode>(99)); }),
            "envelope.malformed " + at + "mode");
  EXPECT_EQ(with([](v1::Envelope& e) { *e.mutable_slots_published()->add_slots() = good_slot(); }),
            "envelope.malformed slots_published.slots[1].slot_id");
  EXPECT_EQ(with([](v1::Envelope& e) {
              e.mutable_slots_withdrawn()->add_slot_ids("a");
              e.mutable_slots_withdrawn()->add_slot_ids("a");
            }),
            "envelope.malformed slots_withdrawn.slot_ids[1]");
}

TEST(SlotsCheck, believes_no_time_that_can_not_be) {
  const std::string end = "envelope.malformed slots_published.slots[0].end_ms";
  EXPECT_EQ(with_slot([](auto& s) { s.set_end_ms(s.start_ms()); }), end);
  EXPECT_EQ(with_slot([](auto& s) { s.set_end_ms(s.start_ms() + 24 * kHour + 1); }), end);
  EXPECT_EQ(with_slot([](auto& s) { s.set_start_ms(0); }), end);
  EXPECT_EQ(with_slot([](auto& s) { s.set_start_ms(std::numeric_limits<std::int64_t>::min()); }), end);
  EXPECT_EQ(with_slot([](auto& s) { s.set_end_ms(std::numeric_limits<std::int64_t>::max()); }), end);
  EXPECT_EQ(with_slot([](auto& s) {
              s.set_start_ms(base::to_ms(kSlotsNow) + 1'000LL * 24 * kHour);
              s.set_end_ms(s.start_ms() + kHour);
            }),
            "envelope.malformed slots_published.slots[0].start_ms");
  EXPECT_EQ(with_slot([](auto& s) {
              s.set_start_ms(base::to_ms(kSlotsNow) - 48 * kHour);
              s.set_end_ms(s.start_ms() + kHour);
            }),
            "slot.in_the_past slots_published.slots[0].end_ms");
}

/// The night in which the clocks go back has 25 hours, and two of them are called 2:30: as instants they are two.
TEST(SlotsCheck, tells_the_two_hours_of_the_change_to_winter_time_apart) {
  // 31 October 2027, 0:30 and 1:30 UTC: 2:30 in summer time and 2:30 in winter time.
  constexpr std::int64_t kSummer = 1'824'942'600'000;
  const auto night = with([](v1::Envelope& e) {
    auto& slots = *e.mutable_slots_published();
    for (const std::int64_t start : {kSummer, kSummer + kHour}) {
      auto& slot = start == kSummer ? *slots.mutable_slots(0) : *slots.add_slots();
      slot = good_slot(start == kSummer ? "before" : "after");
      slot.set_start_ms(start);
      slot.set_end_ms(start + kHour);
    }
  });
  EXPECT_EQ(night, "");
}

TEST(MeetingCheck, may_leave_everything_to_its_slot) {
  const auto booked = [](const std::function<void(v1::Meeting&)>& fill) {
    return with([&](v1::Envelope& e) {
      e.add_recipients("ccas-25056");
      e.set_case_id(std::string(16, 'c'));
      e.set_referral_id(std::string(16, 'r'));
      e.set_appointment_id(std::string(16, 'a'));
      fill(*e.mutable_appointment_booked()->mutable_meeting());
    });
  };
  EXPECT_EQ(booked([](auto& m) { m.set_slot_id("desk-1"); }), "");
  EXPECT_EQ(booked([](auto& m) { m.set_slot_id("Desk 1"); }), "envelope.malformed appointment_booked.meeting.slot_id");
  EXPECT_EQ(booked([](auto&) {}), "appointment.bad_meeting appointment_booked.meeting");
  EXPECT_EQ(booked([](auto& m) {
              m.set_slot_id("desk-1");
              m.set_start_ms(base::to_ms(kSlotsNow));
            }),
            "appointment.bad_meeting appointment_booked.meeting");
  EXPECT_EQ(booked([](auto& m) {
              m.set_start_ms(std::numeric_limits<std::int64_t>::min());
              m.set_end_ms(std::numeric_limits<std::int64_t>::max());
            }),
            "appointment.bad_meeting appointment_booked.meeting");
}

}  // namespace
}  // namespace relais::core
