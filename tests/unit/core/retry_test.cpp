// Pauses between the attempts to deliver a message.
#include <gtest/gtest.h>

#include "broker/core/decide.h"

namespace relais::core {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

base::Milliseconds until_given_up(base::Milliseconds after) {
  const Rules rules;
  base::Milliseconds whole{0};
  for (std::uint32_t attempts = 1; attempts < rules.attempts_max; ++attempts)
    whole += retry_pause(attempts, after, rules);
  return whole;
}

TEST(RetryPause, a_software_that_is_away_for_a_week_does_not_use_up_its_attempts_whatever_pause_its_adapter_names) {
  for (const base::Milliseconds after : {seconds(0), seconds(1), seconds(30), seconds(300), seconds(3'600)})
    EXPECT_GT(until_given_up(after), days(7)) << after.count();
}

TEST(RetryPause, of_an_adapter_holds_for_a_dozen_attempts_and_at_least_so_long_after) {
  const Rules rules;
  for (std::uint32_t attempts = 1; attempts <= 12; ++attempts)
    EXPECT_EQ(retry_pause(attempts, seconds(30), rules), seconds(30));
  EXPECT_EQ(retry_pause(13, seconds(30), rules), seconds(30));
  EXPECT_EQ(retry_pause(18, seconds(30), rules), seconds(32));
  EXPECT_EQ(retry_pause(199, seconds(30), rules), hours(1));
  EXPECT_EQ(retry_pause(1, hours(2), rules), hours(1)) << "the longest that may be asked for";
}

}  // namespace
}  // namespace relais::core
