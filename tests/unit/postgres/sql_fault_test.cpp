#include "adapters/postgres/sql_fault.h"

#include <gtest/gtest.h>

namespace relais::postgres {
namespace {

TEST(SqlFault, a_lost_connection_or_a_full_disk_means_away) {
  for (const auto* state : {"", "08006", "57P01", "57P03", "53100", "53300", "58030", "25006", "XX001"})
    EXPECT_EQ(classify(state), SqlFault::away) << state;
}

TEST(SqlFault, lost_races_are_tried_again) {
  for (const auto* state : {"40001", "40P01", "55P03"}) EXPECT_EQ(classify(state), SqlFault::again) << state;
}

TEST(SqlFault, constraints_types_and_triggers_blame_the_row) {
  for (const auto* state : {"23505", "23514", "22001", "22P05", "P0001"})
    EXPECT_EQ(classify(state), SqlFault::row) << state;
}

TEST(SqlFault, missing_tables_and_rights_ask_for_a_person) {
  for (const auto* state : {"42P01", "42501", "42703", "3F000", "0A000"})
    EXPECT_EQ(classify(state), SqlFault::setup) << state;
}

TEST(SqlFault, a_refusal_knows_its_state_and_says_nothing_else) {
  const auto refusal = sql_refusal("23505");
  EXPECT_TRUE(is_sql(refusal));
  EXPECT_EQ(sqlstate_of(refusal), "23505");
  EXPECT_EQ(fault_of(refusal), SqlFault::row);
  EXPECT_FALSE(is_sql(base::refuse(base::RefusalCode::input_invalid)));
  EXPECT_TRUE(is_sql(sql_refusal("")));
}

}  // namespace
}  // namespace relais::postgres
