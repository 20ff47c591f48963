#include "broker/core/keys.h"

#include <gtest/gtest.h>

namespace relais::core::keys {
namespace {

TEST(Keys, of_a_queue_sort_by_urgency_then_by_position) {
  const auto stat = queue("caf-25", urgency(v1::PRIORITY_STAT), {900, 0});
  const auto first = queue("caf-25", urgency(v1::PRIORITY_ROUTINE), {2, 0});
  const auto second = queue("caf-25", urgency(v1::PRIORITY_ROUTINE), {256, 0});
  const auto third = queue("caf-25", urgency(v1::PRIORITY_ROUTINE), {256, 1});
  EXPECT_LT(stat, first);
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

TEST(Keys, of_one_institution_do_not_mix_with_those_of_another_whose_id_begins_alike) {
  const auto end = end_of(institution("caf-2"));
  EXPECT_LT(queue("caf-2", 3, {~0ULL, ~0U}), end);
  EXPECT_GE(queue("caf-25", 0, {0, 0}), end);
}

TEST(Keys, give_back_what_went_into_them) {
  const auto key = waiting("caf-25", std::string(16, '\xff'), {0x0102030405060708ULL, 9});
  EXPECT_EQ(message_at_end(key), (MessageKey{0x0102030405060708ULL, 9}));
  EXPECT_EQ(institution_at_start(key), "caf-25");
  const auto due = read_timer(timer(base::from_ms(1'800'000'000'123), Timer::hold_ends, "subject"));
  EXPECT_EQ(base::to_ms(due.due), 1'800'000'000'123);
  EXPECT_EQ(due.kind, Timer::hold_ends);
  EXPECT_EQ(due.subject, "subject");
}

TEST(Keys, of_a_prefix_that_is_all_ones_have_no_end) { EXPECT_EQ(end_of("\xff\xff"), ""); }

}  // namespace
}  // namespace relais::core::keys
