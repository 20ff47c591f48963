#include <thread>

#include "tests/integration/transport/router_fixture.h"

namespace relais::transport::testing {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kNothingComes{400};

class Identity : public RouterTest {
 protected:
  void expect_handshakes_refused() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (router->figures().handshakes_refused == 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(milliseconds(10));
    EXPECT_GE(router->figures().handshakes_refused, 1u);
  }
};

TEST_F(Identity, an_unknown_key_does_not_come_in) {
  start();
  const auto stranger = base::new_transport_pair();
  auto client = adapter(stranger);
  client.send(submit_frame('m'));
  EXPECT_FALSE(client.receive(kNothingComes));
  expect_handshakes_refused();
  EXPECT_EQ(router->figures().frames_received, 0u);
}

TEST_F(Identity, a_client_without_curve_does_not_come_in) {
  start();
  auto client = adapter(caf, {.curve = false});
  client.send(submit_frame('m'));
  EXPECT_FALSE(client.receive(kNothingComes));
  expect_handshakes_refused();
  EXPECT_EQ(router->figures().frames_received, 0u);
}

TEST_F(Identity, a_client_that_expects_another_broker_does_not_come_in) {
  start();
  TestAdapter client(context, router->endpoint(), caf.public_key, caf);
  client.send(submit_frame('m'));
  EXPECT_FALSE(client.receive(kNothingComes));
  EXPECT_EQ(router->figures().frames_received, 0u);
}

TEST_F(Identity, nobody_comes_in_before_there_is_a_network) {
  RouterConfig config;
  config.endpoint = "tcp://127.0.0.1:*";
  router = std::make_unique<Router>(config, broker.secret.copy(), memory, clock);
  ASSERT_TRUE(router->start().ok());
  auto client = adapter(caf);
  v1::AdapterFrame ping;
  ping.mutable_ping();
  client.send(ping);
  EXPECT_FALSE(client.receive(kNothingComes));
  EXPECT_EQ(router->figures().frames_received, 0u);
}

TEST_F(Identity, a_key_of_another_institution_is_refused_by_name_of_the_field) {
  start();
  auto client = adapter(ccas);
  const auto answer = client.say_hello({"ccas-25056", "caf-25"});
  ASSERT_EQ(answer->refusals_size(), 1);
  EXPECT_EQ(answer->refusals(0).code(), "identity.not_served");
  EXPECT_EQ(answer->refusals(0).field(), "hello.institutions[1]");
  EXPECT_FALSE(answer->refusals(0).retry());
  EXPECT_TRUE(client.say_hello({"ccas-25056"})->has_welcome()) << "the connection goes on";
}

TEST_F(Identity, a_routing_id_is_not_an_identity) {
  start();
  auto victim = adapter(caf, {.routing_id = "caf"});
  ASSERT_TRUE(victim.say_hello({"caf-25"})->has_welcome());
  auto thief = adapter(ccas, {.routing_id = "caf"});
  auto forged = submit_frame('m');
  forged.set_session(victim.session);
  thief.send(forged);
  EXPECT_FALSE(thief.receive(kNothingComes));
  EXPECT_EQ(memory.submits(), 0u);
  EXPECT_TRUE(victim.answers_ping());
}

TEST_F(Identity, a_routing_id_left_by_another_key_gives_no_session) {
  start();
  SessionId left = 0;
  {
    auto victim = adapter(caf, {.routing_id = "caf"});
    ASSERT_TRUE(victim.say_hello({"caf-25"})->has_welcome());
    left = victim.session;
  }
  ASSERT_TRUE(memory.wait_for_closed(1));
  auto thief = adapter(ccas, {.routing_id = "caf"});
  auto forged = submit_frame('m');
  forged.set_session(left);
  thief.send(forged);
  EXPECT_EQ(thief.refusal()->code(), "session.unknown");
  EXPECT_EQ(memory.submits(), 0u);
}

TEST_F(Identity, a_new_network_revokes_a_key_and_tells_the_others) {
  start();
  auto first = adapter(caf);
  auto second = adapter(caf_second);
  ASSERT_TRUE(first.say_hello({"caf-25"})->has_welcome());
  ASSERT_TRUE(second.say_hello({"caf-25"})->has_welcome());
  const auto next = network();
  next->set_version(2);
  next->mutable_institutions(0)->mutable_transport_keys()->DeleteSubrange(1, 1);
  router->use_network(next);
  EXPECT_EQ(second.refusal()->code(), "identity.unknown");
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].session, second.session);
  EXPECT_EQ(memory.closed()[0].why, "key_revoked");
  EXPECT_EQ(second.say_hello({"caf-25"})->refusals(0).code(), "identity.unknown");
  const auto notice = first.receive();
  ASSERT_TRUE(notice && notice->has_notice());
  EXPECT_EQ(notice->notice().network_version(), 2u);
  EXPECT_FALSE(notice->notice().draining());
  EXPECT_TRUE(first.answers_ping());
  auto again = adapter(caf_second);
  again.send(submit_frame('m'));
  EXPECT_FALSE(again.receive(kNothingComes)) << "nor by a new connection";
}

TEST_F(Identity, a_key_that_comes_to_its_end_ends_its_session) {
  RouterConfig config;
  config.silence = milliseconds(5'000);
  start(config);
  const auto ending = network();
  ending->mutable_institutions(1)->mutable_transport_keys(0)->set_valid_until_ms(base::to_ms(clock.now()) + 1'500);
  router->use_network(ending);
  auto client = adapter(ccas);
  ASSERT_TRUE(client.say_hello({"ccas-25056"})->has_welcome());
  EXPECT_EQ(client.refusal()->code(), "identity.unknown");
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].why, "key_revoked");
}

}  // namespace
}  // namespace relais::transport::testing
