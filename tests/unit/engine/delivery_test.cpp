// Queues: order, priority, sharing, retries, dead letters.
#include "tests/unit/engine/machine_fixture.h"

namespace relais::engine {
namespace {

class DeliveryTest : public MachineTest {
 protected:
  DeliveryTest() {
    apply_network();
    open("ccas-1", 1'000);
  }

  /// The referral ids, by their letter, of what a session is given now.
  std::string given(SessionId session) {
    const auto frames = turn();
    std::string letters;
    if (!frames.contains(session)) return letters;
    for (const auto& delivery : frames.at(session).deliveries()) {
      v1::Envelope envelope;
      envelope.ParseFromString(delivery.envelope());
      letters += envelope.referral_id()[0];
      out_[envelope.referral_id()[0]] = delivery;
    }
    return letters;
  }

  void retry(SessionId session, char letter, std::int64_t after_ms) {
    v1::Settle settle;
    settle.add_delivery_ids(out_.at(letter).delivery_id());
    settle.mutable_retry()->set_after_ms(after_ms);
    settle.mutable_retry()->set_reason("software.down");
    machine_->settled(session, settle, now_);
  }

  std::map<char, v1::Deliver> out_;
};

TEST_F(DeliveryTest, gives_the_more_urgent_first_and_the_older_first_among_equals) {
  submit(request('1', 'a'));
  submit(request('2', 'b'));
  auto urgent = request('3', 'c');
  urgent.set_priority(v1::PRIORITY_URGENT);
  submit(urgent);
  auto stat = request('4', 'd');
  stat.set_priority(v1::PRIORITY_STAT);
  submit(stat);
  turn();
  EXPECT_EQ(given(open("caf-1")), "4312");
}

TEST_F(DeliveryTest, never_goes_beyond_the_credit) {
  for (char c = '1'; c <= '5'; ++c) submit(request(c, c));
  turn();
  const auto caf = open("caf-1", 2);
  EXPECT_EQ(given(caf), "12");
  grant(caf, 1);
  EXPECT_EQ(given(caf), "3");
}

TEST_F(DeliveryTest, holds_the_messages_of_a_case_in_order_and_those_of_others_not_at_all) {
  submit(request('1', 'a'));
  submit(request('2', 'a'));
  submit(request('3', 'b'));
  turn();
  const auto caf = open("caf-1");
  EXPECT_EQ(given(caf), "13");  // the second of case a waits for the first
  retry(caf, '1', 60'000);
  EXPECT_EQ(given(caf), "");  // parked: it holds its case, nothing else
  submit(request('4', 'd'));
  EXPECT_EQ(given(caf), "4");
  now_ += std::chrono::minutes(1);
  machine_->pass_time(now_, 10);
  EXPECT_EQ(given(caf), "1");
  EXPECT_EQ(out_.at('1').attempt(), 2U);
  acknowledge(caf, out_.at('1').delivery_id());
  EXPECT_EQ(given(caf), "2");
}

TEST_F(DeliveryTest, offers_what_a_vanished_adapter_had_to_another_of_the_institution) {
  submit(request('1', 'a'));
  turn();
  const auto first = open("caf-1");
  EXPECT_EQ(given(first), "1");
  const auto second = open("caf-1");
  EXPECT_EQ(given(second), "");
  machine_->session_closed(first, now_);
  EXPECT_EQ(given(second), "1");
}

TEST_F(DeliveryTest, puts_off_a_message_on_which_adapters_keep_dying) {
  submit(request('1', 'a'));
  turn();
  for (std::uint32_t i = 0; i < Dispatcher::kLossesMax; ++i) {
    const auto caf = open("caf-1");
    EXPECT_EQ(given(caf), "1");
    EXPECT_EQ(out_.at('1').attempt(), i + 1);
    machine_->session_closed(caf, now_);
  }
  EXPECT_EQ(given(open("caf-1")), "");
  EXPECT_EQ(machine_->state().counts("caf-1").real().parked(), 1U);
}

TEST_F(DeliveryTest, shares_a_queue_among_the_adapters_of_an_institution) {
  const auto one = open("caf-1");
  const auto two = open("caf-1");
  for (char c = '1'; c <= '4'; ++c) submit(request(c, c));
  const auto frames = turn();
  EXPECT_EQ(frames.at(one).deliveries_size(), 2);
  EXPECT_EQ(frames.at(two).deliveries_size(), 2);
}

TEST_F(DeliveryTest, gives_up_after_the_last_attempt_and_tells_the_sender) {
  submit(request('1', 'a'));
  turn();
  const auto caf = open("caf-1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(given(caf), "1");
    retry(caf, '1', 0);
    const auto frames = turn();
    now_ += std::chrono::hours(1);
    machine_->pass_time(now_, 10);
    if (i < 2) continue;
    v1::Envelope notice;
    notice.ParseFromString(frames.at(sessions_.at("ccas-1")).deliveries(0).envelope());
    EXPECT_EQ(notice.delivery_failed().reason(), "delivery.too_many_attempts");
  }
  EXPECT_EQ(machine_->state().counts("caf-1").real().dead(), 1U);
  EXPECT_EQ(referral('1').holder(), "ccas-1");
}

TEST_F(DeliveryTest, puts_a_dead_letter_back_or_discards_it_on_the_record) {
  submit(request('1', 'a'));
  submit(request('2', 'b'));
  turn();
  const auto caf = open("caf-1");
  EXPECT_EQ(given(caf), "12");
  for (const char letter : {'1', '2'}) {
    v1::Settle settle;
    settle.add_delivery_ids(out_.at(letter).delivery_id());
    settle.mutable_reject()->set_reason("mapping.failed");
    machine_->settled(caf, settle, now_);
  }
  turn();
  v1::DeliveryRef dead;
  dead.set_recipient("caf-1");
  dead.set_position(out_.at('1').position());
  ASSERT_TRUE(machine_->operated(core::RequeueDeadLetter{{"op", "mended"}, dead}, now_));
  EXPECT_EQ(given(caf), "1");
  EXPECT_EQ(out_.at('1').attempt(), 1U);
  dead.set_position(out_.at('2').position());
  ASSERT_TRUE(machine_->operated(core::DiscardDeadLetter{{"op", "useless"}, dead}, now_));
  const auto again = machine_->operated(core::DiscardDeadLetter{{"op", "useless"}, dead}, now_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.refusal().name(), "dead_letter.unknown");
  turn();
  EXPECT_EQ(machine_->state().counts("caf-1").real().discarded(), 1U);
}

TEST_F(DeliveryTest, buries_a_message_that_expires_before_anybody_took_it) {
  auto message = request('1', 'a');
  message.set_expires_at_ms(base::to_ms(now_) + 1'000);
  submit(message);
  turn();
  now_ += std::chrono::seconds(1);
  machine_->pass_time(now_, 10);
  const auto frames = turn();
  v1::Envelope notice;
  notice.ParseFromString(frames.at(sessions_.at("ccas-1")).deliveries(0).envelope());
  EXPECT_EQ(notice.delivery_failed().reason(), "delivery.expired");
  EXPECT_EQ(given(open("caf-1")), "");
}

TEST_F(DeliveryTest, refuses_a_delivery_id_that_is_not_the_sessions) {
  submit(request('1', 'a'));
  turn();
  const auto caf = open("caf-1");
  EXPECT_EQ(given(caf), "1");
  const auto other = open("caf-1");
  acknowledge(other, out_.at('1').delivery_id());
  EXPECT_EQ(turn().at(other).refusals(0).code(), "delivery.unknown");
  EXPECT_EQ(machine_->state().counts("caf-1").real().delivered(), 0U);
}

TEST_F(DeliveryTest, finds_every_message_of_a_long_queue_after_a_restart) {
  for (int i = 0; i < 600; ++i) {
    auto message = request('x', 'x');
    std::string id(16, '\2');
    id[0] = static_cast<char>(i);
    id[1] = static_cast<char>(i >> 8);
    message.set_case_id(id);
    message.set_referral_id(id);
    submit(message);
    turn();
  }
  boot();
  const auto caf = open("caf-1", 1'000);
  std::uint64_t last = 0;
  std::size_t count = 0;
  const auto frames = turn();
  for (const auto& delivery : frames.at(caf).deliveries()) {
    EXPECT_GT(delivery.position(), last);
    last = delivery.position();
    ++count;
  }
  EXPECT_EQ(count, 600U);
}

}  // namespace
}  // namespace relais::engine
