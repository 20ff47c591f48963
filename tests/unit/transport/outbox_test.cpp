#include "broker/transport/outbox.h"

#include <gtest/gtest.h>

namespace relais::transport {
namespace {

using Pushed = Outbox::Pushed;

v1::BrokerFrame receipts(int count) {
  v1::BrokerFrame frame;
  for (int i = 0; i < count; ++i) {
    frame.add_receipts()->set_message_id(std::string(16, 'm'));
    frame.mutable_receipts(i)->set_position(static_cast<std::uint64_t>(i) + 1);
  }
  return frame;
}

std::vector<Outbox::Item> items(SessionId session, int count = 1) {
  return outbox_items(session, receipts(count), 1 << 20);
}

TEST(Outbox, refuses_sessions_that_are_not_open) {
  Outbox outbox({1 << 20, 1 << 20});
  EXPECT_EQ(outbox.push(5, items(5)), Pushed::refused);
  outbox.open(5);
  EXPECT_EQ(outbox.push(5, items(5)), Pushed::queued_first);
  outbox.close(5);
  EXPECT_EQ(outbox.push(5, items(5)), Pushed::refused);
  EXPECT_TRUE(outbox.take().empty());
}

TEST(Outbox, keeps_the_order_within_a_session_and_says_when_to_wake) {
  Outbox outbox({1 << 20, 1 << 20});
  outbox.open(1);
  outbox.open(2);
  EXPECT_EQ(outbox.push(2, items(2, 1)), Pushed::queued_first);
  EXPECT_EQ(outbox.push(1, items(1, 2)), Pushed::queued);
  EXPECT_EQ(outbox.push(2, items(2, 3)), Pushed::queued);
  const auto taken = outbox.take();
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].session, 2u);
  ASSERT_EQ(taken[0].items.size(), 2u);
  EXPECT_EQ(taken[0].items[0].frame->receipts_size(), 1);
  EXPECT_EQ(taken[0].items[1].frame->receipts_size(), 3);
  EXPECT_EQ(taken[0].items[1].frame->session(), 2u);
  EXPECT_EQ(outbox.push(1, items(1)), Pushed::queued_first);
}

TEST(Outbox, is_bounded_for_each_session_and_for_all_together) {
  Outbox outbox({1'000, 1'200});
  outbox.open(1);
  outbox.open(2);
  EXPECT_EQ(outbox.push(1, items(1, 20)), Pushed::queued_first);
  EXPECT_EQ(outbox.push(1, items(1, 20)), Pushed::refused) << "the session's limit";
  EXPECT_EQ(outbox.push(2, items(2, 20)), Pushed::refused) << "the limit of all";
  EXPECT_EQ(outbox.push(2, items(2, 1)), Pushed::queued);
  (void)outbox.take();
  EXPECT_EQ(outbox.push(1, items(1, 20)), Pushed::queued_first) << "taking makes room";
}

TEST(Outbox, closing_a_session_gives_its_room_back) {
  Outbox outbox({1'000, 1'000});
  outbox.open(1);
  outbox.open(2);
  EXPECT_EQ(outbox.push(1, items(1, 20)), Pushed::queued_first);
  outbox.close(1);
  EXPECT_EQ(outbox.push(2, items(2, 20)), Pushed::queued);
  const auto taken = outbox.take();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].session, 2u);
}

TEST(OutboxItems, splits_a_frame_that_is_too_large_and_loses_nothing) {
  auto frame = receipts(3);
  for (int i = 0; i < 4; ++i) frame.add_deliveries()->set_envelope(std::string(400, 'e'));
  frame.mutable_notice()->set_draining(true);
  const auto split = outbox_items(9, std::move(frame), 1'000);
  int count_receipts = 0;
  int count_deliveries = 0;
  for (const auto& item : split) {
    EXPECT_LE(item.bytes, 1'000u);
    EXPECT_EQ(item.bytes, item.frame->ByteSizeLong());
    EXPECT_EQ(item.frame->session(), 9u);
    count_receipts += item.frame->receipts_size();
    count_deliveries += item.frame->deliveries_size();
  }
  EXPECT_EQ(count_receipts, 3);
  EXPECT_EQ(count_deliveries, 4);
  EXPECT_TRUE(split.back().frame->notice().draining());
}

TEST(OutboxItems, leaves_a_frame_that_fits_whole) {
  const auto whole = outbox_items(9, receipts(3), 1'000);
  ASSERT_EQ(whole.size(), 1u);
  EXPECT_EQ(whole[0].frame->receipts_size(), 3);
}

}  // namespace
}  // namespace relais::transport
