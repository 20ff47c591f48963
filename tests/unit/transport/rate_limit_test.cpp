#include "broker/transport/rate_limit.h"

#include <gtest/gtest.h>

namespace relais::transport {
namespace {

using std::chrono::milliseconds;

TEST(RateLimit, allows_one_seconds_worth_at_once_and_no_more) {
  const SteadyTime start{};
  RateLimit limit(10, start);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.take(start));
  EXPECT_FALSE(limit.take(start));
}

TEST(RateLimit, refills_evenly) {
  const SteadyTime start{};
  RateLimit limit(10, start);
  while (limit.take(start)) {
  }
  EXPECT_FALSE(limit.take(start + milliseconds(99)));
  EXPECT_TRUE(limit.take(start + milliseconds(101)));
  EXPECT_FALSE(limit.take(start + milliseconds(102)));
}

TEST(RateLimit, does_not_save_up_more_than_a_second) {
  const SteadyTime start{};
  RateLimit limit(10, start);
  int taken = 0;
  while (limit.take(start + std::chrono::hours(1))) ++taken;
  EXPECT_EQ(taken, 10);
}

}  // namespace
}  // namespace relais::transport
