#include "adapters/mapping/times.h"

#include <gtest/gtest.h>

namespace relais::mapping {

namespace {

std::vector<TimePattern> patterns(const std::string& text, bool moment) {
  std::string wrong;
  return make_patterns(text, moment, wrong);
}

std::string date(const std::string& text, const std::string& pattern, Precision precision = Precision::day) {
  const auto said = parse_date(text, patterns(pattern, false), precision);
  return said.value ? *said.value : std::string(said.rule);
}

std::string moment(const std::string& text, const std::string& pattern, const ZoneRule& rule = {}) {
  const auto said = parse_moment(text, patterns(pattern, true), rule);
  return said.value ? format_moment(*said.value, patterns("%Y-%m-%dT%H:%M:%SZ", true)[0], "UTC")
                    : std::string(said.rule);
}

TEST(Times, reads_french_and_iso_dates) {
  EXPECT_EQ("2002-02-19", date("19/02/2002", "french"));
  EXPECT_EQ("2002-02-09", date("9/2/2002", "french"));
  EXPECT_EQ("1998-05-25", date("1998-05-25", "iso"));
  EXPECT_EQ("2020-02-13", date("2020-02-13 00:00:00.0", "%Y-%m-%d %H:%M:%S"));
  EXPECT_EQ("1973-07-21", date("21071973", "%d%m%Y"));
}

TEST(Times, keeps_dates_as_precise_as_they_are) {
  EXPECT_EQ("1973-07", date("1973-07", "%Y-%m"));
  EXPECT_EQ("1973", date("1973", "%Y"));
  EXPECT_EQ("2021-08", date("2021-08-01", "iso", Precision::month));
}

TEST(Times, refuses_what_is_no_date) {
  EXPECT_EQ("date.format", date("19970-04-22", "iso"));
  EXPECT_EQ("date.format", date("22/04/1997x", "french"));
  EXPECT_EQ("date.format", date("", "french"));
  EXPECT_EQ("date.not_a_day", date("31/02/1990", "french"));
  EXPECT_EQ("date.not_a_day", date("00/00/1990", "french"));
  EXPECT_EQ("date.year", date("01/02/20", "french"));
}

TEST(Times, takes_local_times_as_those_of_paris) {
  EXPECT_EQ("2026-01-31T08:30:00Z", moment("31/01/2026 09:30", "french"));
  EXPECT_EQ("2026-07-31T07:30:00Z", moment("31/07/2026 9h30", "french"));
  EXPECT_EQ("2020-02-12T23:00:00Z", moment("2020-02-13 00:00:00.0", "iso"));
}

TEST(Times, takes_an_offset_at_its_word) {
  EXPECT_EQ("2026-07-10T13:54:43Z", moment("2026-07-10T13:54:43.575Z", "iso"));
  EXPECT_EQ("2021-06-28T08:12:41Z", moment("2021-06-28T10:12:41.993+02:00", "iso"));
  EXPECT_EQ("2022-01-01T07:45:00Z", moment("2022-01-01 08:45:00 +0100", "iso"));
}

TEST(Times, refuses_or_moves_the_hour_that_does_not_exist_in_march) {
  EXPECT_EQ("time.nonexistent", moment("2026-03-29 02:30:00", "iso"));
  EXPECT_EQ("2026-03-29T01:30:00Z", moment("2026-03-29 02:30:00", "iso", {"Europe/Paris", Skipped::later, {}}));
}

TEST(Times, refuses_or_chooses_the_hour_that_occurs_twice_in_october) {
  EXPECT_EQ("time.ambiguous", moment("2026-10-25 02:30:00", "iso"));
  EXPECT_EQ("2026-10-25T00:30:00Z", moment("2026-10-25 02:30:00", "iso", {"Europe/Paris", {}, Repeated::earlier}));
  EXPECT_EQ("2026-10-25T01:30:00Z", moment("2026-10-25 02:30:00", "iso", {"Europe/Paris", {}, Repeated::later}));
}

TEST(Times, refuses_hours_beyond_the_day) {
  EXPECT_EQ("date.not_a_day", moment("2026-01-01 25:00:00", "iso"));
  EXPECT_EQ("date.not_a_day", moment("2026-01-01 24:00:00", "iso"));
}

TEST(Times, refuses_patterns_that_leave_room_for_doubt) {
  for (const auto* const bad : {"%d/%m/%y", "%d/%m", "%Y-%d", "%Y-%m-%q", "%", "%x", "%EY"})
    EXPECT_TRUE(patterns(bad, false).empty()) << bad;
  EXPECT_TRUE(patterns("%d/%m/%Y", true).empty());
}

TEST(Times, writes_dates_in_another_form_when_they_are_precise_enough) {
  EXPECT_EQ("25/05/1998", format_date("1998-05-25", patterns("french", false)[0]));
  EXPECT_EQ(std::nullopt, format_date("1998", patterns("french", false)[0]));
  EXPECT_EQ("1998", format_date("1998-05-25", patterns("%Y", false)[0]));
  EXPECT_EQ(std::nullopt, format_date("25 mai 1998", patterns("french", false)[0]));
}

TEST(Times, knows_iso_dates_from_others) {
  EXPECT_TRUE(is_iso_date("2024-02-29"));
  EXPECT_TRUE(is_iso_date("2024"));
  for (const auto* const bad : {"2023-02-29", "24-02-01", "2024-2-1", "2024-02-01 ", "", "1024-02-01"})
    EXPECT_FALSE(is_iso_date(bad)) << bad;
}

}  // namespace

}  // namespace relais::mapping
