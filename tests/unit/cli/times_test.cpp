#include "broker/cli/times.h"

#include <gtest/gtest.h>

namespace relais::cli {

namespace {

constexpr const char* kUtc = "2026-01-31T08:00:00Z";

void expect_refused(const base::Result<std::string>& said, const std::string& text) {
  ASSERT_FALSE(said.ok()) << text;
  EXPECT_EQ(said.refusal().code, base::RefusalCode::input_invalid) << text;
  EXPECT_EQ(said.refusal().field, "--until") << text;
}

}  // namespace

TEST(Times, of_an_operator_are_those_of_paris) {
  EXPECT_EQ(*instant("2026-01-31 14:05", "--until"), "2026-01-31T13:05:00Z");
  EXPECT_EQ(*instant("2026-07-14 00:30", "--until"), "2026-07-13T22:30:00Z");
  EXPECT_EQ(*instant(kUtc, "--until"), kUtc);
}

TEST(Times, a_stretch_goes_from_the_first_instant_of_a_day_to_the_first_after_another) {
  EXPECT_EQ(*first_instant("2026-01-31", "--since"), "2026-01-30T23:00:00Z");
  EXPECT_EQ(*last_instant("2026-01-31", "--until"), "2026-01-31T23:00:00Z");
  EXPECT_EQ(*last_instant("2026-10-25", "--until"), "2026-10-25T23:00:00Z") << "a day of 25 hours";
  EXPECT_EQ(*last_instant("2024-02-29", "--until"), "2024-02-29T23:00:00Z");
  EXPECT_EQ(*first_instant(kUtc, "--since"), kUtc);
  EXPECT_EQ(*first_instant("", "--since"), "") << "no bound";
}

TEST(Times, that_are_none_are_refused_by_the_name_of_the_option) {
  for (const std::string text :
       {"", "tomorrow", "2026-01-31", "2026-13-01 10:00", "2026-02-30 10:00", "2026-01-31 24:00", "2026-01-31 10:60",
        "2026-01-31 10:0x", "2026-1-31 010:00", "2026-03-29 02:30"})
    expect_refused(instant(text, "--until"), text);
  for (const std::string text :
       {"tomorrow", "2026-02-30", "2026-1-31", "2026-01-31 10:00", "31/01/2026", "2026-01-31T"})
    expect_refused(last_instant(text, "--until"), text);
}

}  // namespace relais::cli
