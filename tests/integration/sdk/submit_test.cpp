#include "tests/integration/sdk/sdk_test.h"

namespace relais::tests {
namespace {

using base::RefusalCode;
using std::chrono::milliseconds;

v1::Refused refusal(RefusalCode code) { return base::refuse(code).to_wire({}); }

TEST_F(SdkTest, a_submission_gets_its_receipt_and_leaves_the_outbox) {
  start_ready();
  const auto id = adapter->submit(draft(), {{"row/17", "submitted"}});
  ASSERT_TRUE(id) << id.refusal().english();
  EXPECT_EQ(adapter->store().get("row/17"), "submitted");
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 1; }));
  EXPECT_EQ(handler.receipts[0], id->bytes());
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
  EXPECT_EQ(broker.accepted.at(std::string(id->bytes())).envelope.sender(), "ccas-25056");
  const auto health = adapter->health();
  EXPECT_TRUE(health.ready());
  EXPECT_EQ(health.receipts, 1u);
  EXPECT_EQ(health.outbox_bytes, 0u);
}

TEST_F(SdkTest, before_the_first_definition_nothing_can_be_sealed) {
  broker.stop();
  start();
  const auto said = adapter->submit(draft());
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, RefusalCode::network_none);
}

TEST_F(SdkTest, seals_while_the_broker_is_away_and_sends_when_it_is_back) {
  start_ready();
  adapter->stop();
  adapter.reset();
  broker.stop();
  start();
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(adapter->submit(draft()));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(5'000));
  EXPECT_EQ(adapter->health().outbox_messages, 20u);
  EXPECT_FALSE(adapter->health().connected);
  broker.start();
  ASSERT_TRUE(wait_accepted(20));
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
}

TEST_F(SdkTest, keeps_the_order_of_each_case_while_receipts_are_late_and_sessions_break) {
  start_ready();
  std::map<std::string, std::vector<std::string>> wanted;
  std::vector<std::string> cases;
  for (int c = 0; c < 8; ++c) cases.push_back(sdk::new_id());
  int frame_number = 0;
  broker.tamper([&](v1::BrokerFrame& frame) { return frame.receipts().empty() || ++frame_number % 5 != 0; });
  for (int i = 0; i < 160; ++i) {
    const auto& parcours = cases[static_cast<std::size_t>(i) % cases.size()];
    const auto id = adapter->submit(draft(parcours));
    ASSERT_TRUE(id);
    wanted[parcours].emplace_back(id->bytes());
    if (i == 40 || i == 100) broker.cut();
    if (i == 70) broker.forget_sessions();
  }
  broker.tamper({});
  ASSERT_TRUE(wait_accepted(160));
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
  std::map<std::string, std::vector<std::string>> got;
  for (const auto& id : broker.order) got[broker.accepted.at(id).envelope.case_id()].push_back(id);
  EXPECT_EQ(got, wanted);
  EXPECT_EQ(handler.count(handler.receipts), 160u);
}

TEST_F(SdkTest, one_of_a_case_is_out_at_a_time) {
  start_ready();
  std::map<std::string, int> out;
  int most = 0;
  broker.judge([&](const v1::Envelope& envelope) -> std::optional<v1::Refused> {
    most = std::max(most, ++out[envelope.case_id()]);
    return std::nullopt;
  });
  broker.tamper([&](v1::BrokerFrame& frame) {
    for (const auto& receipt : frame.receipts()) --out[broker.accepted.at(receipt.message_id()).envelope.case_id()];
    return true;
  });
  const auto parcours = sdk::new_id();
  std::vector<sdk::Draft> drafts;
  for (int i = 0; i < 10; ++i) drafts.push_back(draft(parcours));
  ASSERT_TRUE(adapter->submit(drafts));
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 10; }));
  EXPECT_EQ(most, 1);
}

TEST_F(SdkTest, a_batch_is_one_fact_with_its_notes) {
  start_ready();
  std::vector<sdk::Draft> drafts(3, draft());
  drafts[2].envelope.clear_purpose();
  const auto said = adapter->submit(drafts, {{"file", "done"}});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().field, "drafts[2].purpose");
  EXPECT_FALSE(adapter->store().get("file"));
  EXPECT_EQ(adapter->health().outbox_messages, 0u);
  drafts.pop_back();
  const auto ids = adapter->submit(drafts, {{"file", "done"}});
  ASSERT_TRUE(ids);
  EXPECT_EQ(ids->size(), 2u);
  EXPECT_TRUE(adapter->store().get("file"));
  ASSERT_TRUE(wait_accepted(2));
}

TEST_F(SdkTest, a_second_message_of_a_batch_may_lean_on_the_referral_of_the_first) {
  start_ready();
  sdk::Draft opening = draft();
  opening.envelope.set_referral_id(sdk::new_id());
  sdk::Draft question;
  question.envelope.set_referral_id(opening.envelope.referral_id());
  question.envelope.mutable_information_requested();
  const std::vector<sdk::Draft> drafts{opening, question};
  ASSERT_TRUE(adapter->submit(drafts));
  ASSERT_TRUE(wait_accepted(2));
  EXPECT_EQ(broker.accepted.at(broker.order[1]).envelope.case_id(),
            broker.accepted.at(broker.order[0]).envelope.case_id());
  EXPECT_EQ(broker.accepted.at(broker.order[1]).envelope.recipients(0), "caf-25");
}

TEST_F(SdkTest, an_id_of_the_caller_is_submitted_once) {
  start_ready();
  sdk::Draft made = draft();
  made.envelope.set_message_id(sdk::named_id("file", "row 1"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(adapter->submit(made));
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
  ASSERT_TRUE(adapter->submit(made));
  start_ready();
  ASSERT_TRUE(adapter->submit(made));
  EXPECT_TRUE(adapter->was_submitted(*base::MessageId::from_bytes(made.envelope.message_id())));
  EXPECT_EQ(adapter->health().outbox_messages, 0u);
  EXPECT_EQ(broker.submits, 1u);
}

TEST_F(SdkTest, a_final_refusal_is_told_kept_and_lets_the_case_go_on) {
  start_ready();
  const auto parcours = sdk::new_id();
  std::string bad;
  broker.judge([&](const v1::Envelope& envelope) -> std::optional<v1::Refused> {
    if (bad.empty()) bad = envelope.message_id();
    if (envelope.message_id() == bad) return refusal(RefusalCode::agreement_none);
    return std::nullopt;
  });
  const auto first = adapter->submit(draft(parcours));
  ASSERT_TRUE(adapter->submit(draft(parcours)));
  ASSERT_TRUE(wait_accepted(1));
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
  ASSERT_EQ(handler.count(handler.refused), 1u);
  EXPECT_EQ(handler.refused[0], (std::pair<std::string, std::string>(first->bytes(), "agreement.none")));
  start_ready();
  const auto refused = adapter->refused();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].message_id, *first);
  EXPECT_TRUE(refused[0].envelope.has_referral_requested());
  EXPECT_EQ(adapter->health().refused_messages, 1u);
  ASSERT_TRUE(adapter->forget_refused(*first));
  EXPECT_TRUE(adapter->refused().empty());
}

TEST_F(SdkTest, a_refusal_that_may_be_retried_is_tried_again_in_order) {
  start_ready();
  int refusals = 0;
  broker.judge([&](const v1::Envelope&) -> std::optional<v1::Refused> {
    if (refusals++ < 5) return refusal(RefusalCode::broker_disk_full);
    return std::nullopt;
  });
  const auto parcours = sdk::new_id();
  std::vector<std::string> wanted;
  for (int i = 0; i < 4; ++i) wanted.emplace_back(adapter->submit(draft(parcours))->bytes());
  ASSERT_TRUE(wait_accepted(4));
  EXPECT_EQ(broker.order, wanted);
  EXPECT_EQ(adapter->health().last_error, "broker.disk_full");
  EXPECT_GE(adapter->health().refusals_retried, 5u);
  EXPECT_EQ(handler.count(handler.refused), 0u);
}

TEST_F(SdkTest, a_submission_without_an_answer_is_sent_again) {
  auto with = config();
  with.times.answer_within = milliseconds(300);
  start(std::move(with));
  ASSERT_TRUE(adapter->wait_for_network(kPatience));
  std::atomic<int> swallowed{0};
  broker.tamper([&](v1::BrokerFrame& frame) { return frame.receipts().empty() || ++swallowed > 1; });
  ASSERT_TRUE(adapter->submit(draft()));
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 1; }));
  EXPECT_EQ(broker.submits, 2u);
}

TEST_F(SdkTest, a_late_receipt_of_an_old_session_and_one_for_nothing_change_nothing) {
  start_ready();
  v1::BrokerFrame frame;
  frame.set_session(1);
  frame.add_receipts()->set_message_id(sdk::new_id());
  broker.say(frame);
  frame.clear_session();
  broker.say(frame);
  ASSERT_TRUE(adapter->submit(draft()));
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 1; }));
}

TEST_F(SdkTest, while_draining_submissions_wait) {
  start_ready();
  v1::BrokerFrame frame;
  frame.mutable_notice()->set_draining(true);
  broker.say(frame);
  ASSERT_TRUE(wait_until([&] { return adapter->health().draining; }));
  ASSERT_TRUE(adapter->submit(draft()));
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(broker.submits, 0u);
  broker.cut();
  ASSERT_TRUE(wait_accepted(1));
  EXPECT_FALSE(adapter->health().draining);
}

TEST_F(SdkTest, the_outbox_says_when_it_is_full_and_takes_more_once_it_is_not) {
  start_ready();
  adapter.reset();
  broker.stop();
  auto with = config();
  with.outbox_bytes_max = 4'000;
  start(std::move(with));
  RefusalCode code{};
  for (int i = 0; i < 50; ++i)
    if (const auto said = adapter->submit(draft()); !said) {
      code = said.refusal().code;
      break;
    }
  EXPECT_EQ(code, RefusalCode::outbox_full);
  EXPECT_LE(adapter->health().outbox_bytes, 4'000u);
  broker.start();
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
  EXPECT_TRUE(adapter->submit(draft()));
}

TEST_F(SdkTest, nothing_readable_is_on_the_disk_of_the_adapter) {
  start_ready();
  broker.judge([](const v1::Envelope&) { return refusal(RefusalCode::agreement_none); });
  ASSERT_TRUE(adapter->submit(draft()));
  auto message = from("caf-25", accepted_body());
  broker.deliver(message);
  ASSERT_TRUE(wait_settled(1));
  ASSERT_TRUE(wait_until([&] { return adapter->health().refused_messages == 1; }));
  adapter.reset();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (!file.is_regular_file()) continue;
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    EXPECT_EQ(bytes.find("Exemple"), std::string::npos) << file.path();
    EXPECT_EQ(bytes.find("Synth"), std::string::npos) << file.path();
  }
}

TEST_F(SdkTest, many_threads_submit_at_once) {
  start_ready();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      const auto parcours = sdk::new_id();
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(adapter->submit(draft(parcours)));
    });
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(wait_accepted(100));
  ASSERT_TRUE(wait_until([&] { return handler.count(handler.receipts) == 100; }));
}

}  // namespace
}  // namespace relais::tests
