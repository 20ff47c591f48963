#include "tests/integration/sdk/sdk_test.h"

namespace relais::tests {
namespace {

using std::chrono::milliseconds;

TEST_F(SdkTest, a_delivery_reaches_the_handler_once_and_opened) {
  start_ready();
  const auto deliver = from("caf-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  ASSERT_EQ(handler.count(handler.messages), 1u);
  const auto& message = handler.messages[0];
  EXPECT_EQ(message.envelope.sender(), "caf-25");
  EXPECT_EQ(message.recipient, "ccas-25056");
  EXPECT_FALSE(message.maybe_repeated);
  ASSERT_NE(message.content<v1::Note>(), nullptr);
  EXPECT_EQ(message.content<v1::Note>()->text(), "Synthétique");
  EXPECT_EQ(broker.settled.at(id_of(deliver)).back().verdict, "acknowledge");
}

TEST_F(SdkTest, a_handled_message_that_comes_again_is_acknowledged_without_the_handler) {
  start_ready();
  const auto deliver = from("caf-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  start_ready();
  broker.deliver(deliver);
  ASSERT_TRUE(broker.wait([&] { return broker.settled.at(id_of(deliver)).size() == 2; }));
  EXPECT_EQ(handler.count(handler.messages), 1u);
  EXPECT_EQ(adapter->health().repeated, 1u);
}

TEST_F(SdkTest, a_lost_acknowledgement_does_not_call_the_handler_again) {
  start_ready();
  handler.decide = [&](const sdk::Incoming&) {
    broker.cut();
    std::this_thread::sleep_for(milliseconds(100));
    return sdk::Verdict::handled();
  };
  broker.deliver(from("caf-25", accepted_body()));
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(handler.count(handler.messages), 1u);
}

TEST_F(SdkTest, verdicts_become_settlements) {
  start_ready();
  const auto later = from("caf-25", accepted_body());
  const auto never = from("caf-25", accepted_body());
  handler.decide = [&](const sdk::Incoming& message) {
    if (message.envelope.message_id() == id_of(never)) return sdk::Verdict::reject("makes.no_sense");
    return handler.count(handler.messages) < 3 ? sdk::Verdict::retry(milliseconds(1'234), "software.down")
                                               : sdk::Verdict::handled();
  };
  broker.deliver(never);
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(broker.settled.at(id_of(never)).back().verdict, "reject");
  EXPECT_EQ(broker.settled.at(id_of(never)).back().reason, "makes.no_sense");
  broker.deliver(later);
  ASSERT_TRUE(wait_settled(2));
  const auto& verdicts = broker.settled.at(id_of(later));
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[0].verdict, "retry");
  EXPECT_EQ(verdicts[0].reason, "software.down");
  EXPECT_EQ(verdicts[0].after_ms, 1'234);
  EXPECT_FALSE(handler.messages[2].maybe_repeated);  // the handler itself answered the first time
  EXPECT_EQ(adapter->health().retried, 1u);
  EXPECT_EQ(adapter->health().rejected, 1u);
}

TEST_F(SdkTest, an_exception_of_the_handler_is_a_retry_that_may_be_a_repetition) {
  start_ready();
  std::atomic<int> calls{0};
  handler.decide = [&](const sdk::Incoming&) -> sdk::Verdict {
    if (++calls == 1) throw std::runtime_error("with a name in it");
    return sdk::Verdict::handled();
  };
  const auto deliver = from("caf-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(broker.settled.at(id_of(deliver))[0].reason, "handler.exception");
  ASSERT_EQ(handler.count(handler.messages), 2u);
  EXPECT_TRUE(handler.messages[1].maybe_repeated);
}

TEST_F(SdkTest, notes_and_replies_are_one_fact_with_the_mark_and_follow_the_automatic_message) {
  start_ready();
  handler.decide = [&](const sdk::Incoming& message) {
    sdk::Draft reply;
    reply.envelope.set_referral_id(message.envelope.referral_id());
    reply.envelope.mutable_referral_accepted();
    return sdk::Verdict::handled({{"case/1", "known"}}, {reply});
  };
  auto opening = request("ccas-25056");
  opening.set_priority(v1::PRIORITY_URGENT);
  broker.deliver(from("caf-25", opening));
  ASSERT_TRUE(wait_accepted(2));
  EXPECT_TRUE(broker.accepted.at(broker.order[0]).envelope.has_referral_received());
  EXPECT_TRUE(broker.accepted.at(broker.order[1]).envelope.has_referral_accepted());
  EXPECT_EQ(broker.accepted.at(broker.order[1]).envelope.recipients(0), "caf-25");
  EXPECT_EQ(broker.accepted.at(broker.order[1]).envelope.priority(), v1::PRIORITY_URGENT);
  EXPECT_EQ(adapter->store().get("case/1"), "known");
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 1; }));  // none for the automatic one
  EXPECT_TRUE(adapter->known_referral(handler.messages[0].envelope.referral_id()));
}

TEST_F(SdkTest, the_end_of_a_referral_that_we_sent_is_acknowledged) {
  start_ready();
  const auto opened = draft();
  sdk::Draft first = opened;
  first.envelope.set_referral_id(sdk::new_id());
  first.envelope.set_case_id(sdk::new_id());
  ASSERT_TRUE(adapter->submit(first));
  v1::Envelope rejected;
  rejected.set_referral_id(first.envelope.referral_id());
  rejected.set_case_id(first.envelope.case_id());
  rejected.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_OUT_OF_AREA);
  broker.deliver(from("caf-25", rejected));
  ASSERT_TRUE(wait_accepted(2));
  const auto& answer = broker.accepted.at(broker.order[1]).envelope;
  EXPECT_TRUE(answer.has_outcome_acknowledged());
  EXPECT_EQ(answer.referral_id(), first.envelope.referral_id());
  EXPECT_EQ(answer.recipients(0), "caf-25");
  ASSERT_TRUE(wait_until([&] { return !adapter->known_referral(first.envelope.referral_id()); }));
}

TEST_F(SdkTest, our_own_cancellation_is_followed_by_its_acknowledgement) {
  start_ready();
  sdk::Draft opening = draft();
  opening.envelope.set_referral_id(sdk::new_id());
  sdk::Draft cancel;
  cancel.envelope.set_referral_id(opening.envelope.referral_id());
  cancel.envelope.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_NO_LONGER_NEEDED);
  ASSERT_TRUE(adapter->submit(opening));
  ASSERT_TRUE(adapter->submit(cancel));
  ASSERT_TRUE(wait_accepted(3));
  EXPECT_TRUE(broker.accepted.at(broker.order[2]).envelope.has_outcome_acknowledged());
  EXPECT_EQ(broker.accepted.at(broker.order[2]).envelope.recipients(0), "caf-25");
}

TEST_F(SdkTest, an_expiry_is_acknowledged_by_the_side_that_sent_the_referral) {
  start_ready();
  v1::Envelope expired;
  expired.add_recipients("caf-25");
  expired.add_recipients("ccas-25056");
  expired.set_case_id(sdk::new_id());
  expired.mutable_referral_expired()->set_deadline_ms(1);
  v1::Envelope ours = expired;
  v1::Envelope theirs = expired;
  ours.set_referral_id(sdk::new_id());
  theirs.set_referral_id(sdk::new_id());
  // Neither went through this adapter: the broker is asked.
  broker.wait([&] {
    for (const auto* one : {&ours, &theirs}) {
      auto& view = broker.referrals.emplace_back();
      view.set_referral_id(one->referral_id());
      view.set_sender(one == &ours ? "ccas-25056" : "caf-25");
      view.set_recipient(one == &ours ? "caf-25" : "ccas-25056");
    }
    return true;
  });
  broker.deliver(from_broker(theirs));
  ASSERT_TRUE(wait_settled(1));
  broker.deliver(from_broker(ours));
  ASSERT_TRUE(wait_settled(2));
  ASSERT_TRUE(wait_accepted(1));
  std::this_thread::sleep_for(milliseconds(50));
  ASSERT_EQ(broker.order.size(), 1u);
  const auto& answer = broker.accepted.at(broker.order[0]).envelope;
  EXPECT_EQ(answer.referral_id(), ours.referral_id());
  EXPECT_EQ(answer.recipients(0), "caf-25");
}

TEST_F(SdkTest, without_automatic_receipts_nothing_is_sent_by_itself) {
  auto with = config();
  with.automatic_receipts = false;
  start(std::move(with));
  ASSERT_TRUE(adapter->wait_for_network(kPatience));
  broker.deliver(from("caf-25", request("ccas-25056")));
  ASSERT_TRUE(wait_settled(1));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_TRUE(broker.accepted.empty());
}

TEST_F(SdkTest, an_automatic_message_that_comes_too_late_disturbs_nobody) {
  start_ready();
  broker.judge([](const v1::Envelope&) -> std::optional<v1::Refused> {
    return base::refuse(base::RefusalCode::lifecycle_invalid_transition).to_wire({});
  });
  broker.deliver(from("caf-25", request("ccas-25056")));
  ASSERT_TRUE(wait_settled(1));
  ASSERT_TRUE(wait_until([&] { return adapter->health().refusals == 1 && adapter->health().outbox_messages == 0; }));
  EXPECT_TRUE(adapter->refused().empty());
  EXPECT_EQ(handler.count(handler.refused), 0u);
}

TEST_F(SdkTest, what_can_not_be_believed_never_reaches_the_handler) {
  start_ready();
  auto forged = from("caf-25", accepted_body());
  forged.mutable_signature()->front() ^= 1;
  auto changed = from("caf-25", accepted_body());
  changed.mutable_compartments(0)->back() ^= 1;
  broker.deliver(forged);
  broker.deliver(changed);
  ASSERT_TRUE(wait_settled(2));
  EXPECT_EQ(broker.settled.at(id_of(forged)).back().verdict, "reject");
  EXPECT_EQ(broker.settled.at(id_of(forged)).back().reason, "signature.invalid");
  EXPECT_EQ(broker.settled.at(id_of(changed)).back().reason, "compartment.digest_mismatch");
  EXPECT_EQ(handler.count(handler.messages), 0u);
  broker.deliver(from("caf-25", accepted_body()));
  ASSERT_TRUE(wait_settled(3));
  EXPECT_EQ(handler.count(handler.messages), 1u);
}

TEST_F(SdkTest, a_compartment_sealed_with_another_key_is_rejected) {
  start_ready();
  const auto real = copy(net.keys.at("caf-25").sealing);
  net.keys.at("caf-25").sealing = base::new_sealing_pair();
  auto& published = *net.definition.mutable_institutions(0)->mutable_sealing_keys(0);
  published.set_key(text(net.keys.at("caf-25").sealing.public_key));
  const auto deliver = from("caf-25", accepted_body());
  net.keys.at("caf-25").sealing = copy(real);
  published.set_key(text(real.public_key));
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(broker.settled.at(id_of(deliver)).back().reason, "compartment.does_not_open");
}

TEST_F(SdkTest, an_unknown_sender_is_looked_up_in_a_newer_definition) {
  start_ready();
  auto& newcomer = *net.definition.add_institutions();
  newcomer = net.definition.institutions(0);
  newcomer.set_id("msa-25");
  for (auto* keys : {newcomer.mutable_signing_keys(), newcomer.mutable_sealing_keys()}) keys->Clear();
  const auto keys = SmallNetwork::keys_of("msa-25");
  auto& signing = *newcomer.add_signing_keys();
  signing.set_id("signing-1");
  signing.set_key(text(keys.signing.public_key));
  auto& sealing = *newcomer.add_sealing_keys();
  sealing.set_id("sealing-1");
  sealing.set_key(text(keys.sealing.public_key));
  net.keys["msa-25"] = {copy(keys.transport), copy(keys.signing), copy(keys.sealing)};
  net.definition.set_version(2);
  // Not announced: the adapter learns of it because it does not know the sender.
  broker.use_network(net.signed_network(), 2, false);
  const auto deliver = from("msa-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(broker.settled.at(id_of(deliver)).front().reason, "identity.unknown");
  EXPECT_EQ(broker.settled.at(id_of(deliver)).back().verdict, "acknowledge");
  EXPECT_EQ(adapter->network()->version(), 2u);
}

TEST_F(SdkTest, credit_bounds_what_the_handler_has_in_hand) {
  auto with = config();
  with.in_hand_messages_max = 8;
  start(std::move(with));
  ASSERT_TRUE(adapter->wait_for_network(kPatience));
  for (int i = 0; i < 100; ++i) broker.deliver(from("caf-25", accepted_body(), false));
  ASSERT_TRUE(wait_settled(100));
  EXPECT_LE(broker.in_hand_most, 8u);
  EXPECT_EQ(handler.count(handler.messages), 100u);
}

TEST_F(SdkTest, messages_of_one_case_come_in_their_order_through_broken_sessions) {
  start_ready();
  const auto parcours = sdk::new_id();
  std::vector<std::string> wanted;
  for (int i = 0; i < 30; ++i) {
    auto envelope = accepted_body();
    envelope.set_case_id(parcours);
    const auto deliver = from("caf-25", envelope, false);
    wanted.push_back(id_of(deliver));
    broker.deliver(deliver);
    if (i % 10 == 5) broker.cut();
  }
  ASSERT_TRUE(wait_settled(30));
  std::vector<std::string> got;
  for (const auto& message : handler.messages) got.push_back(message.envelope.message_id());
  EXPECT_EQ(got, wanted);
}

TEST_F(SdkTest, a_slow_handler_does_not_cost_the_session) {
  start_ready();
  handler.decide = [&](const sdk::Incoming&) {
    std::this_thread::sleep_for(milliseconds(3'000));
    return sdk::Verdict::handled();
  };
  broker.deliver(from("caf-25", accepted_body()));
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(adapter->health().sessions, 1u);
}

TEST_F(SdkTest, a_reply_that_can_not_be_sent_puts_the_message_off) {
  start_ready();
  handler.decide = [&](const sdk::Incoming&) {
    if (handler.count(handler.messages) > 1) return sdk::Verdict::handled();
    sdk::Draft nowhere = draft();
    nowhere.envelope.set_recipients(0, "nobody-25");
    return sdk::Verdict::handled({{"k", "v"}}, {nowhere});
  };
  const auto deliver = from("caf-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_settled(1));
  EXPECT_EQ(broker.settled.at(id_of(deliver)).front().reason, "route.none");
  EXPECT_FALSE(adapter->store().get("k"));
  EXPECT_TRUE(handler.messages[1].maybe_repeated);
}

}  // namespace
}  // namespace relais::tests
