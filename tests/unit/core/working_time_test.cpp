#include "broker/core/working_time.h"

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "relais_paths.h"

namespace relais::core {
namespace {

using std::chrono::local_days;
using std::chrono::year_month_day;
using namespace std::chrono_literals;

/// A moment in UTC.
base::Instant utc(int year, unsigned month, unsigned day, int hour, int minute = 0) {
  return std::chrono::sys_days(
             year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day))) +
         std::chrono::hours(hour) + std::chrono::minutes(minute);
}

local_days on(int year, unsigned month, unsigned day) {
  return local_days(year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)));
}

std::set<std::string> published(const std::string& file) {
  std::ifstream stream(std::string(RELAIS_SOURCE) + "/tests/data/jours-feries/" + file);
  std::set<std::string> days;
  const auto list = nlohmann::json::parse(stream);
  for (const auto& [day, name] : list.items()) days.insert(day);
  return days;
}

std::set<std::string> computed(Zone zone) {
  std::set<std::string> days;
  for (int year = 2006; year <= 2031; ++year)
    for (const auto day : public_holidays(std::chrono::year(year), zone)) {
      const year_month_day date(day);
      char text[16];
      std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(date.year()), unsigned(date.month()),
                    unsigned(date.day()));
      days.insert(text);
    }
  return days;
}

TEST(PublicHolidays, are_those_that_etalab_publishes) {
  EXPECT_EQ(computed(Zone::metropole), published("metropole.json"));
  EXPECT_EQ(computed(Zone::alsace_moselle), published("alsace-moselle.json"));
  EXPECT_EQ(computed(Zone::guadeloupe), published("guadeloupe.json"));
  EXPECT_EQ(computed(Zone::la_reunion), published("la-reunion.json"));
  EXPECT_EQ(computed(Zone::mayotte), published("mayotte.json"));
}

TEST(PublicHolidays, know_each_zone_by_its_name) {
  EXPECT_EQ(zone_of("guyane"), Zone::guyane);
  EXPECT_EQ(zone_of("mayotte"), Zone::mayotte);
  EXPECT_FALSE(zone_of("corse"));
}

TEST(WorkingTime, counts_days_from_the_day_after_and_ends_with_work) {
  const WorkingTime usual;
  // Thursday 26 November 2026, 10:00 in Paris; the second working day after it is Monday.
  EXPECT_EQ(usual.after_days(utc(2026, 11, 26, 9), 2), utc(2026, 11, 30, 16));
}

TEST(WorkingTime, leaves_out_weekends_holidays_and_closed_days) {
  v1::Calendar calendar;
  calendar.set_zone("metropole");
  for (const auto day : {1U, 2U, 3U, 4U, 5U}) calendar.add_weekdays(day);
  calendar.set_opens_minute(8 * 60 + 30);
  calendar.set_closes_minute(12 * 60);
  calendar.add_closed_days(static_cast<std::int32_t>(on(2026, 5, 15).time_since_epoch().count()));
  const WorkingTime besancon(calendar);
  EXPECT_FALSE(besancon.is_working_day(on(2026, 5, 14)));  // Ascension
  EXPECT_FALSE(besancon.is_working_day(on(2026, 5, 15)));  // the bridge
  EXPECT_TRUE(besancon.is_working_day(on(2026, 5, 18)));
  EXPECT_EQ(besancon.after_days(utc(2026, 5, 13, 8), 1), utc(2026, 5, 18, 10));
  EXPECT_EQ(besancon.after_hours(utc(2026, 5, 13, 9, 30), 1), utc(2026, 5, 18, 7));  // half an hour was left
}

TEST(WorkingTime, follows_the_clock_across_the_change_to_winter_time) {
  const WorkingTime usual;
  // Friday 23 October 2026, 16:00 in summer; Monday is in winter.
  EXPECT_EQ(usual.after_hours(utc(2026, 10, 23, 14), 2), utc(2026, 10, 26, 9));
  EXPECT_EQ(usual.after_days(utc(2026, 10, 23, 14), 1), utc(2026, 10, 26, 16));
  EXPECT_EQ(usual.after_days(utc(2026, 3, 27, 14), 1), utc(2026, 3, 30, 15));
}

TEST(WorkingTime, begins_at_the_next_opening_when_nobody_works) {
  const WorkingTime usual;
  EXPECT_EQ(usual.after_hours(utc(2026, 11, 28, 12), 1), utc(2026, 11, 30, 9));   // a Saturday
  EXPECT_EQ(usual.after_hours(utc(2026, 11, 26, 3), 1), utc(2026, 11, 26, 9));    // before opening
  EXPECT_EQ(usual.after_hours(utc(2026, 11, 26, 16), 1), utc(2026, 11, 27, 9));   // at closing
  EXPECT_EQ(usual.after_hours(utc(2026, 11, 26, 15), 1), utc(2026, 11, 26, 16));  // the last hour
  EXPECT_EQ(usual.after_hours(utc(2026, 11, 26, 9), 40), utc(2026, 12, 3, 9));    // a week of work
}

TEST(WorkingTime, keeps_the_local_time_of_overseas_territories) {
  v1::Calendar calendar;
  calendar.set_zone("la_reunion");
  for (const auto day : {1U, 2U, 3U, 4U, 5U}) calendar.add_weekdays(day);
  calendar.set_opens_minute(8 * 60);
  calendar.set_closes_minute(16 * 60);
  EXPECT_EQ(WorkingTime(calendar).after_days(utc(2026, 12, 18, 6), 1), utc(2026, 12, 21, 12));  // 20 is a Sunday
  EXPECT_EQ(WorkingTime(calendar).after_days(utc(2027, 12, 17, 6), 1), utc(2027, 12, 21, 12));  // 20 a Monday
}

}  // namespace
}  // namespace relais::core
