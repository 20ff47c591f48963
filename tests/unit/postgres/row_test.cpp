#include "adapters/postgres/row.h"

#include <gtest/gtest.h>

namespace relais::postgres {
namespace {

TEST(Row, times_survive_the_way_to_text_and_back) {
  for (const std::int64_t ms : {0LL, 1LL, 999LL, 1'714'550'400'123LL, 951'782'400'000LL, 4'102'444'799'999LL})
    EXPECT_EQ(time_from_text(time_text(ms)), ms);
  EXPECT_EQ(time_text(1'709'164'800'000), "2024-02-29 00:00:00.000+00");
}

TEST(Row, reads_times_as_the_server_writes_them) {
  EXPECT_EQ(time_from_text("2024-05-01 08:00:00+00"), 1'714'550'400'000);
  EXPECT_EQ(time_from_text("2024-05-01 08:00:00.5+00"), 1'714'550'400'500);
  EXPECT_EQ(time_from_text("2024-05-01 08:00:00.123456+00"), 1'714'550'400'123);
}

TEST(Row, reads_one_instant_in_every_zone_that_a_database_may_have) {
  for (const auto* text : {"2024-05-01 10:00:00+02", "2024-05-01 13:30:00+05:30", "2024-05-01 05:30:00-02:30",
                           "2024-04-30 21:00:00-11", "2024-05-01 08:09:21+00:09:21"})
    EXPECT_EQ(time_from_text(text), 1'714'550'400'000) << text;
}

TEST(Row, refuses_what_is_no_time) {
  for (const auto* text :
       {"", "infinity", "2024-05-01", "2024-02-30 00:00:00+00", "2024-05-01 08:00:00", "2024-05-01 08:00:00+2",
        "2024-05-01 08:00:00+02:", "2024-05-01 08:00:00+02:99", "2024-05-01 08:00:00+02 BC", "2024-05-01 08:00:00.+00",
        "10000-01-01 00:00:00+00", "0044-03-15 12:00:00+00 BC"})
    EXPECT_FALSE(time_from_text(text)) << text;
}

TEST(Row, an_absent_a_null_and_an_empty_cell_read_alike) {
  const mapping::SqlRow row{{{"a", std::nullopt}, {"b", ""}, {"c", "x"}}};
  EXPECT_EQ(cell(row, "a"), "");
  EXPECT_EQ(cell(row, "b"), "");
  EXPECT_EQ(cell(row, "c"), "x");
  EXPECT_EQ(cell(row, "d"), "");
}

}  // namespace
}  // namespace relais::postgres
