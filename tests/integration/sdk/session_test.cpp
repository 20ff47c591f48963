#include "tests/integration/sdk/sdk_test.h"

namespace relais::tests {
namespace {

using std::chrono::milliseconds;

TEST_F(SdkTest, finds_the_endpoint_that_answers_and_comes_back_to_it) {
  auto with = config();
  with.endpoints = {"tcp://127.0.0.1:1", broker.endpoint(), "nonsense"};
  start(std::move(with));
  ASSERT_TRUE(wait_until([&] { return adapter->health().connected; }));
  EXPECT_EQ(adapter->health().endpoint, broker.endpoint());
  broker.cut();
  ASSERT_TRUE(wait_until([&] { return adapter->health().sessions == 2; }));
}

TEST_F(SdkTest, notices_a_broker_that_accepts_connections_and_says_nothing) {
  broker.tamper([](v1::BrokerFrame&) { return false; });
  auto with = config();
  with.times.welcome_within = milliseconds(200);
  start(std::move(with));
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "welcome.none"; }));
  broker.tamper({});
  ASSERT_TRUE(wait_until([&] { return adapter->health().connected; }));
}

TEST_F(SdkTest, notices_a_broker_that_falls_silent) {
  start_ready();
  broker.tamper([](v1::BrokerFrame&) { return false; });
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "connection.silence"; }));
  EXPECT_FALSE(adapter->health().ready());
  broker.tamper({});
  ASSERT_TRUE(wait_until([&] { return adapter->health().connected; }));
}

TEST_F(SdkTest, keeps_a_quiet_session_alive) {
  start_ready();
  std::this_thread::sleep_for(milliseconds(4'000));
  EXPECT_EQ(adapter->health().sessions, 1u);
}

TEST_F(SdkTest, says_hello_again_when_its_session_is_not_known) {
  start_ready();
  broker.forget_sessions();
  ASSERT_TRUE(wait_until([&] { return adapter->health().sessions == 2; }));
  ASSERT_TRUE(adapter->submit(draft()));
  ASSERT_TRUE(wait_accepted(1));
}

TEST_F(SdkTest, ignores_that_an_older_session_is_unknown) {
  start_ready();
  v1::BrokerFrame frame;  // carries the present session
  *frame.add_refusals() = base::refuse(base::RefusalCode::session_unknown).to_wire({});
  broker.say(frame);
  ASSERT_TRUE(adapter->submit(draft()));
  ASSERT_TRUE(wait_accepted(1));
  EXPECT_EQ(adapter->health().sessions, 1u);
}

TEST_F(SdkTest, a_refused_hello_is_told_and_tried_again) {
  std::atomic<bool> refuse{true};
  broker.tamper([&](v1::BrokerFrame& frame) {
    if (!frame.has_welcome() || !refuse) return true;
    frame.Clear();
    *frame.add_refusals() = base::refuse(base::RefusalCode::identity_not_served, "hello.institutions[0]").to_wire({});
    return true;
  });
  start();
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "identity.not_served"; }));
  EXPECT_FALSE(adapter->health().connected);
  refuse = false;
  ASSERT_TRUE(wait_until([&] { return adapter->health().connected; }));
}

TEST_F(SdkTest, a_revoked_key_ends_the_session) {
  start_ready();
  v1::BrokerFrame frame;
  *frame.add_refusals() = base::refuse(base::RefusalCode::identity_unknown).to_wire({});
  broker.say(frame);
  ASSERT_TRUE(wait_until([&] { return adapter->health().sessions == 2; }));
  EXPECT_EQ(adapter->health().last_error, "identity.unknown");
}

TEST_F(SdkTest, takes_a_new_definition_when_it_is_announced_and_never_an_older_one) {
  start_ready();
  net.definition.set_version(3);
  broker.use_network(net.signed_network(), 3, true);
  ASSERT_TRUE(wait_until([&] { return adapter->network()->version() == 3; }));
  net.definition.set_version(2);
  broker.use_network(net.signed_network(), 2, true);
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "network.not_newer"; }));
  EXPECT_EQ(adapter->network()->version(), 3u);
  net.definition.set_version(4);
  auto forged = net.signed_network();
  forged.mutable_signature()->back() ^= 1;
  broker.use_network(forged, 4, true);
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "network.signature"; }));
  EXPECT_EQ(adapter->network()->version(), 3u);
}

TEST_F(SdkTest, takes_no_delivery_before_a_definition_that_the_authority_signed) {
  auto forged = net.signed_network();
  forged.mutable_signature()->back() ^= 1;
  broker.use_network(forged, net.definition.version(), false);
  broker.deliver(from("caf-25", accepted_body()));
  start();
  ASSERT_TRUE(wait_until([&] { return adapter->health().last_error == "network.signature"; }));
  std::this_thread::sleep_for(milliseconds(500));
  ASSERT_TRUE(broker.wait([&] { return broker.delivered.empty(); }));
  broker.use_network(net.signed_network(), net.definition.version(), true);
  ASSERT_TRUE(broker.wait([&] { return broker.settled.size() == 1; }));
}

TEST_F(SdkTest, says_goodbye_and_settles_what_was_handled) {
  start_ready();
  const auto deliver = from("caf-25", accepted_body());
  broker.deliver(deliver);
  ASSERT_TRUE(wait_until([&] { return adapter->health().handled == 1; }));
  adapter->stop();
  ASSERT_TRUE(broker.wait([&] { return broker.byes == 1 && broker.settled.contains(id_of(deliver)); }));
  adapter->stop();
}

TEST_F(SdkTest, answers_questions_or_says_that_there_is_no_answer) {
  start_ready();
  v1::ReferralView view;
  view.set_referral_id(sdk::new_id());
  view.set_holder("caf-25");
  broker.wait([&] {
    broker.referrals.push_back(view);
    return true;
  });
  const auto found = adapter->referral(view.referral_id());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->holder(), "caf-25");
  EXPECT_EQ(adapter->referral(sdk::new_id()).refusal().code, base::RefusalCode::not_found);
  broker.stop();
  EXPECT_EQ(adapter->referral(view.referral_id(), milliseconds(100)).refusal().code, base::RefusalCode::io_failed);
  std::thread asking([&] { EXPECT_TRUE(adapter->referral(view.referral_id(), kPatience)); });
  broker.start();
  asking.join();
}

TEST_F(SdkTest, several_sessions_after_each_other_leave_nothing_behind) {
  start_ready();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(adapter->submit(draft()));
    broker.cut();
  }
  ASSERT_TRUE(wait_accepted(20));
  ASSERT_TRUE(wait_until([&] { return adapter->health().outbox_messages == 0; }));
}

TEST_F(SdkTest, a_second_process_on_the_same_store_is_refused) {
  start_ready();
  sdk::Adapter second(config(), handler, clock);
  const auto said = second.open();
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, base::RefusalCode::io_failed);
}

}  // namespace
}  // namespace relais::tests
