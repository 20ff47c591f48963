#include "adapters/sdk/outbox_lines.h"

#include <gtest/gtest.h>

namespace relais::sdk {
namespace {

TEST(OutboxLines, sends_different_cases_side_by_side_and_one_case_one_after_another) {
  OutboxLines lines;
  lines.add({1, "a"});
  lines.add({2, "a"});
  lines.add({3, "b"});
  EXPECT_EQ(lines.next(), 1u);
  EXPECT_EQ(lines.next(), 3u);
  EXPECT_FALSE(lines.next());
  lines.settled(1);
  EXPECT_EQ(lines.next(), 2u);
  lines.settled(2);
  lines.settled(3);
  EXPECT_EQ(lines.heads(), 0u);
}

TEST(OutboxLines, sends_again_what_was_out_before_what_comes_later) {
  OutboxLines lines;
  for (Sequence i = 1; i <= 4; ++i) lines.add({i, std::string(1, static_cast<char>('a' + i))});
  lines.next();
  lines.next();
  lines.all_again();
  EXPECT_EQ(lines.next(), 1u);
  lines.again(1);
  EXPECT_EQ(lines.next(), 1u);
  EXPECT_EQ(lines.next(), 2u);
}

TEST(OutboxLines, keeps_the_line_of_a_case_while_its_head_is_sent_again) {
  OutboxLines lines;
  lines.add({1, "a"});
  lines.add({2, "a"});
  lines.next();
  lines.all_again();
  EXPECT_EQ(lines.next(), 1u);
  EXPECT_FALSE(lines.has_ready());
}

TEST(OutboxLines, ignores_answers_to_what_it_does_not_know) {
  OutboxLines lines;
  lines.add({1, "a"});
  lines.settled(7);
  lines.again(7);
  EXPECT_EQ(lines.next(), 1u);
  lines.settled(1);
  lines.settled(1);
  EXPECT_FALSE(lines.next());
}

}  // namespace
}  // namespace relais::sdk
