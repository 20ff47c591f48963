// Slots on the disk of a running broker must stay readable: events, rows and keys, recorded once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "broker/base/ids.h"
#include "broker/core/keys.h"
#include "relais_paths.h"
#include "tests/golden/journal/recorded_line.h"
#include "tests/support/golden.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

namespace {

v1::Slot slot() {
  v1::Slot slot;
  slot.set_slot_id("desk-1");
  slot.set_service_id("help");
  slot.set_location_id("town-hall");
  slot.set_start_ms(1'800'000'000'000);
  slot.set_end_ms(1'800'003'600'000);
  slot.set_capacity(7);
  slot.set_mode(v1::APPOINTMENT_MODE_VIDEO);
  slot.set_open(true);
  return slot;
}

v1::Record slot_record() {
  v1::Record record;
  record.set_position(9);
  record.set_at_ms(1'799'000'000'000);
  auto& published = *record.add_events()->mutable_slot_published();
  published.set_institution("caf-25");
  *published.mutable_slot() = slot();
  auto& withdrawn = *record.add_events()->mutable_slot_withdrawn();
  withdrawn.set_institution("caf-25");
  withdrawn.set_slot_id("desk-1");
  auto& moved = *record.add_events()->mutable_appointment_moved();
  moved.set_appointment_id(std::string(16, 'a'));
  moved.set_referral_id(std::string(16, 'r'));
  moved.set_status(v1::APPOINTMENT_STATUS_BOOKED);
  moved.mutable_meeting()->set_slot_id("desk-1");
  moved.mutable_meeting()->set_start_ms(slot().start_ms());
  moved.mutable_meeting()->set_end_ms(slot().end_ms());
  return record;
}

v1::SlotRow slot_row() {
  v1::SlotRow row;
  *row.mutable_slot() = slot();
  row.set_taken(3);
  return row;
}

}  // namespace

TEST(StoredSlots, are_the_bytes_recorded) {
  const auto ends = base::from_ms(slot().end_ms());
  tests::expect_golden(
      "journal/slot_events.txt",
      tests::recorded_line("record", slot_record().SerializeAsString()) +
          tests::recorded_line("slot row", slot_row().SerializeAsString()) +
          tests::recorded_line("slot key", keys::slot("caf-25", "desk-1")) +
          tests::recorded_line("free slot key", keys::free_slot("caf-25", "help", slot().start_ms(), "desk-1")) +
          tests::recorded_line("end timer", keys::timer(ends, keys::Timer::slot_ends, keys::slot("caf-25", "desk-1"))));
}

TEST(StoredSlots, are_read_back_from_the_recording) {
  std::ifstream file(RELAIS_SOURCE "/tests/golden/journal/slot_events.txt");
  std::string first;
  ASSERT_TRUE(std::getline(file, first));
  v1::Record read;
  ASSERT_TRUE(read.ParseFromString(*base::unhex(first.substr(std::string_view("record: ").size()))));
  EXPECT_EQ(read.SerializeAsString(), slot_record().SerializeAsString());
  EXPECT_EQ(read.events(0).slot_published().slot().capacity(), 7U);
  EXPECT_EQ(read.events(1).slot_withdrawn().slot_id(), "desk-1");
  const auto key = keys::free_slot("caf-25", "help", slot().start_ms(), "desk-1");
  const auto found = keys::read_free_slot(key, keys::free_slots("caf-25", "help").size());
  EXPECT_EQ(found.slot_id, "desk-1");
  EXPECT_EQ(found.start_ms, slot().start_ms());
  EXPECT_EQ(keys::slot_at_end(keys::slot("caf-25", "desk-1")), "desk-1");
}

}  // namespace relais::core
