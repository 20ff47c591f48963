// Pauses on the disk of a running broker must stay readable: events, rows and keys, recorded once.
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

constexpr std::int64_t kFrom = 1'800'000'000'000;
constexpr std::int64_t kUntil = 1'800'014'400'000;

v1::Record pause_record() {
  v1::Record record;
  record.set_position(9);
  record.set_at_ms(1'799'000'000'000);
  auto& paused = *record.add_events()->mutable_institution_paused();
  paused.set_institution("caf-25");
  paused.set_from_ms(kFrom);
  paused.set_until_ms(kUntil);
  paused.set_operator_("operator");
  paused.set_reason("maintenance");
  record.add_events()->mutable_pause_began()->set_institution("caf-25");
  record.add_events()->mutable_institution_resumed()->set_institution("caf-25");
  return record;
}

v1::InstitutionPause pause_row() {
  v1::InstitutionPause row;
  row.set_from_ms(kFrom);
  row.set_until_ms(kUntil);
  row.set_operator_("operator");
  row.set_reason("maintenance");
  row.set_in_force(true);
  return row;
}

}  // namespace

TEST(StoredPauses, are_the_bytes_recorded) {
  tests::expect_golden(
      "journal/pause_events.txt",
      tests::recorded_line("record", pause_record().SerializeAsString()) +
          tests::recorded_line("pause row", pause_row().SerializeAsString()) +
          tests::recorded_line("begin timer", keys::timer(base::from_ms(kFrom), keys::Timer::pause_begins, "caf-25")) +
          tests::recorded_line("end timer", keys::timer(base::from_ms(kUntil), keys::Timer::pause_ends, "caf-25")));
}

TEST(StoredPauses, are_read_back_from_the_recording) {
  std::ifstream file(RELAIS_SOURCE "/tests/golden/journal/pause_events.txt");
  std::string first;
  ASSERT_TRUE(std::getline(file, first));
  v1::Record read;
  ASSERT_TRUE(read.ParseFromString(*base::unhex(first.substr(std::string_view("record: ").size()))));
  EXPECT_EQ(read.SerializeAsString(), pause_record().SerializeAsString());
  EXPECT_EQ(read.events(0).institution_paused().until_ms(), kUntil);
  EXPECT_EQ(read.events(1).pause_began().institution(), "caf-25");
  EXPECT_EQ(read.events(2).institution_resumed().institution(), "caf-25");
}

}  // namespace relais::core
