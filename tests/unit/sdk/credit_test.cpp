#include "adapters/sdk/credit.h"

#include <gtest/gtest.h>

namespace relais::sdk {
namespace {

v1::Welcome welcome(std::uint32_t messages, std::uint32_t bytes) {
  v1::Welcome welcome;
  welcome.set_credit_messages_max(messages);
  welcome.set_credit_bytes_max(bytes);
  return welcome;
}

TEST(Credit, is_granted_in_full_at_first_and_bounded_by_the_broker) {
  Credit credit(100, 1'000);
  credit.session_opened(welcome(10, 4'000));
  const auto grant = credit.due();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->messages(), 10u);
  EXPECT_EQ(grant->bytes(), 1'000u);
  EXPECT_FALSE(credit.due());
}

TEST(Credit, counts_what_is_in_hand_as_taken_until_it_is_settled) {
  Credit credit(4, 1'000'000);
  credit.session_opened(welcome(100, 1'000'000));
  ASSERT_TRUE(credit.due());
  for (int i = 0; i < 4; ++i) credit.delivered(10);
  EXPECT_FALSE(credit.due());
  credit.settled(10);
  EXPECT_FALSE(credit.due());
  credit.settled(10);
  EXPECT_EQ(credit.due()->messages(), 2u);
}

TEST(Credit, survives_a_message_larger_than_the_bytes_left) {
  Credit credit(100, 1'000);
  credit.session_opened(welcome(100, 1'000));
  ASSERT_TRUE(credit.due());
  credit.delivered(5'000);
  EXPECT_FALSE(credit.due());
  credit.settled(5'000);
  EXPECT_EQ(credit.due()->bytes(), 1'000u);
}

TEST(Credit, never_leaves_the_broker_without_credit_when_nothing_is_in_hand) {
  Credit credit(1, 1);
  credit.session_opened(welcome(100, 100));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(credit.due()) << i;
    credit.delivered(1);
    credit.settled(1);
  }
}

}  // namespace
}  // namespace relais::sdk
