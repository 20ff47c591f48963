#include "broker/base/time_text.h"

#include <gtest/gtest.h>

namespace relais::base {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationText, reads_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration("30s"), seconds(30));
  EXPECT_EQ(parse_duration("45m"), minutes(45));
  EXPECT_EQ(parse_duration("72h"), hours(72));
  EXPECT_EQ(parse_duration("10d"), hours(240));
  EXPECT_EQ(parse_duration("0s"), seconds(0));
}

TEST(DurationText, refuses_anything_else) {
  for (const auto* const bad :
       {"", "d", "10", "10 d", "-1d", "+1d", "1.5h", "10w", "1h30m", "9999999999d", "0x1d", "d10"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(DurationText, writes_the_shortest_that_says_the_same) {
  EXPECT_EQ(duration_text(hours(72)), "3d");
  EXPECT_EQ(duration_text(hours(73)), "73h");
  EXPECT_EQ(duration_text(seconds(90)), "90s");
  EXPECT_EQ(duration_text(seconds(0)), "0s");
  EXPECT_EQ(duration_text(std::chrono::milliseconds(1500)), "1500ms");
}

TEST(ParisTime, follows_summer_and_winter) {
  EXPECT_EQ(to_ms(*paris_time(2026, 1, 1, seconds(0))), 1767222000000);  // 23:00 UTC the day before
  EXPECT_EQ(to_ms(*paris_time(2026, 7, 1, hours(12))), 1782900000000);   // 10:00 UTC
}

TEST(ParisTime, knows_the_hour_that_is_skipped_and_the_one_that_comes_twice) {
  EXPECT_FALSE(paris_time(2026, 3, 29, hours(2) + minutes(30)));
  EXPECT_EQ(to_ms(*paris_time(2026, 10, 25, hours(2) + minutes(30))), 1792888200000);  // the earlier: 00:30 UTC
  EXPECT_FALSE(paris_time(2026, 2, 29, seconds(0)));
}

TEST(ParisTime, is_written_as_people_read_it) {
  EXPECT_EQ(date_text(from_ms(1767222000000)), "2026-01-01");
  EXPECT_EQ(date_text(from_ms(1767221999999)), "2025-12-31");
  EXPECT_EQ(date_time_text(from_ms(1782900000000)), "2026-07-01 12:00");
}

}  // namespace
}  // namespace relais::base
