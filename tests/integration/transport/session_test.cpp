#include <fmt/format.h>

#include "tests/integration/transport/router_fixture.h"

namespace relais::transport::testing {
namespace {

using std::chrono::milliseconds;

class Session : public RouterTest {};

TEST_F(Session, opens_with_a_welcome_that_tells_the_limits) {
  RouterConfig config;
  config.frame_bytes_max = 123'456;
  start(config);
  auto client = adapter(caf);
  const auto answer = client.say_hello({"caf-25"});
  ASSERT_TRUE(answer && answer->has_welcome());
  const auto& welcome = answer->welcome();
  EXPECT_EQ(welcome.protocol_version(), 1u);
  EXPECT_EQ(welcome.network_version(), 1u);
  EXPECT_EQ(welcome.heartbeat_ms(), 5'000u);
  EXPECT_EQ(welcome.silence_ms(), 15'000u);
  EXPECT_EQ(welcome.frame_bytes_max(), 123'456u);
  EXPECT_GT(welcome.broker_time_ms(), 0);
  EXPECT_NE(answer->session(), 0u);
  ASSERT_TRUE(memory.wait_for_opened(1));
  const auto opened = memory.opened();
  EXPECT_EQ(opened[0].id, answer->session());
  EXPECT_EQ(opened[0].transport_key, text(caf.public_key));
  EXPECT_EQ(opened[0].institutions, std::vector<std::string>{"caf-25"});
  EXPECT_EQ(router->figures().sessions_open, 1u);
}

TEST_F(Session, passes_frames_up_and_sends_frames_down) {
  start();
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  client.send(submit_frame('m'));
  ASSERT_TRUE(memory.wait_for_submits(1));
  v1::BrokerFrame receipt;
  receipt.add_receipts()->set_position(42);
  EXPECT_TRUE(router->send(client.session, std::move(receipt)));
  const auto got = client.receive();
  ASSERT_TRUE(got && got->receipts_size() == 1);
  EXPECT_EQ(got->receipts(0).position(), 42u);
  EXPECT_EQ(got->session(), client.session);
}

TEST_F(Session, ping_is_answered_and_bye_ends_it) {
  start();
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  EXPECT_TRUE(client.answers_ping());
  auto last = submit_frame('m');
  last.mutable_bye();
  client.send(last);
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.submits(), 1u) << "what stands beside the bye still counts";
  EXPECT_EQ(memory.closed()[0].why, "bye");
  EXPECT_FALSE(router->send(client.session, {}));
  EXPECT_FALSE(client.answers_ping()) << "the session is unknown now";
  ASSERT_TRUE(client.say_hello({"caf-25"})->has_welcome());
}

TEST_F(Session, a_new_hello_replaces_it) {
  start();
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  const auto first = client.session;
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  EXPECT_NE(client.session, first);
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].session, first);
  EXPECT_EQ(memory.closed()[0].why, "replaced");
  auto stale = submit_frame('m');
  stale.set_session(first);
  client.send(stale);
  EXPECT_EQ(client.refusal()->code(), "session.unknown");
  EXPECT_TRUE(client.answers_ping());
}

TEST_F(Session, silence_ends_it_and_any_traffic_keeps_it) {
  RouterConfig config;
  config.heartbeat = milliseconds(100);
  config.silence = milliseconds(600);
  start(config);
  auto quiet = adapter(caf);
  auto talker = adapter(ccas);
  ASSERT_TRUE(quiet.say_hello({"caf-25"}));
  ASSERT_TRUE(talker.say_hello({"ccas-25056"}));
  for (int i = 0; i < 12; ++i) {
    talker.send(v1::AdapterFrame());  // nothing in it but the session
    EXPECT_FALSE(talker.receive(milliseconds(100)));
  }
  ASSERT_TRUE(memory.wait_for_closed(1));
  ASSERT_EQ(memory.closed().size(), 1u);
  EXPECT_EQ(memory.closed()[0].session, quiet.session);
  EXPECT_EQ(memory.closed()[0].why, "silence");
  EXPECT_TRUE(talker.answers_ping());
  quiet.send(submit_frame('m'));
  EXPECT_EQ(quiet.refusal()->code(), "session.unknown");
  EXPECT_TRUE(quiet.say_hello({"caf-25"})->has_welcome());
}

TEST_F(Session, the_end_of_a_connection_ends_it_at_once) {
  start();
  {
    auto client = adapter(caf);
    ASSERT_TRUE(client.say_hello({"caf-25"}));
    client.send(submit_frame('m'));
    ASSERT_TRUE(memory.wait_for_submits(1));
  }
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].why, "disconnected");
}

TEST_F(Session, two_adapters_of_one_institution_have_one_each) {
  start();
  auto first = adapter(caf);
  auto second = adapter(caf_second);
  auto same_key = adapter(caf);
  ASSERT_TRUE(first.say_hello({"caf-25"}));
  ASSERT_TRUE(second.say_hello({"caf-25"}));
  ASSERT_TRUE(same_key.say_hello({"caf-25"}));
  EXPECT_NE(first.session, second.session);
  EXPECT_NE(first.session, same_key.session);
  for (auto* client : {&first, &second, &same_key}) {
    v1::BrokerFrame frame;
    frame.add_receipts()->set_position(client->session);
    EXPECT_TRUE(router->send(client->session, std::move(frame)));
  }
  for (auto* client : {&first, &second, &same_key})
    EXPECT_EQ(client->receive()->receipts(0).position(), client->session);
  auto stolen = submit_frame('m');
  stolen.set_session(second.session);
  first.send(stolen);
  EXPECT_EQ(first.refusal()->code(), "session.unknown") << "a session belongs to its connection";
  EXPECT_EQ(memory.submits(), 0u);
}

TEST_F(Session, there_are_at_most_as_many_as_configured) {
  RouterConfig config;
  config.sessions_max = 1;
  start(config);
  auto first = adapter(caf);
  auto second = adapter(ccas);
  ASSERT_TRUE(first.say_hello({"caf-25"})->has_welcome());
  const auto refused = second.say_hello({"ccas-25056"});
  ASSERT_EQ(refused->refusals_size(), 1);
  EXPECT_EQ(refused->refusals(0).code(), "broker.overloaded");
  EXPECT_TRUE(refused->refusals(0).retry());
  ASSERT_TRUE(first.say_hello({"caf-25"})->has_welcome()) << "replacing one's own needs no second place";
}

TEST_F(Session, frames_that_wait_for_it_travel_together_in_order) {
  // Sent from the transport thread itself, so that all wait when it comes to send.
  memory.on_frame = [&](SessionId session, const v1::AdapterFrame&) {
    for (std::uint64_t i = 1; i <= 5'000; ++i) {
      v1::BrokerFrame frame;
      frame.add_receipts()->set_position(i);
      EXPECT_TRUE(router->send(session, std::move(frame)));
    }
  };
  start();
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  client.send(submit_frame('m'));
  std::uint64_t next = 1;
  int messages = 0;
  while (next <= 5'000) {
    const auto frame = client.receive();
    ASSERT_TRUE(frame);
    ++messages;
    for (const auto& receipt : frame->receipts()) EXPECT_EQ(receipt.position(), next++);
  }
  EXPECT_LE(messages, 5);
}

TEST_F(Session, a_frame_beyond_the_limit_arrives_in_several) {
  RouterConfig config;
  config.frame_bytes_max = 10'000;
  start(config);
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  v1::BrokerFrame frame;
  for (std::uint64_t i = 0; i < 20; ++i) {
    frame.add_deliveries()->set_delivery_id(i);
    frame.mutable_deliveries(static_cast<int>(i))->set_envelope(std::string(1'000, 'e'));
  }
  ASSERT_TRUE(router->send(client.session, std::move(frame)));
  for (std::uint64_t next = 0; next < 20;) {
    const auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_LE(got->ByteSizeLong(), 10'000u);
    for (const auto& delivery : got->deliveries()) EXPECT_EQ(delivery.delivery_id(), next++);
  }
}

TEST_F(Session, draining_and_stopping_are_told) {
  start();
  auto client = adapter(caf);
  ASSERT_TRUE(client.say_hello({"caf-25"}));
  router->notify_draining(true);
  const auto notice = client.receive();
  ASSERT_TRUE(notice && notice->has_notice());
  EXPECT_TRUE(notice->notice().draining());
  auto late = adapter(ccas);
  ASSERT_TRUE(late.say_hello({"ccas-25056"})->has_welcome()) << "deliveries and acknowledgements go on";
  EXPECT_TRUE(late.receive()->notice().draining());
  router->notify_draining(false);
  EXPECT_FALSE(client.receive()->notice().draining()) << "taken back";
  EXPECT_FALSE(late.receive()->notice().draining());
  router->stop();
  router->stop();
  ASSERT_EQ(memory.closed().size(), 2u);
  EXPECT_EQ(memory.closed()[0].why, "stopping");
  EXPECT_FALSE(router->send(client.session, {}));
}

TEST_F(Session, a_port_in_use_is_an_error_and_not_a_crash) {
  start();
  RouterConfig config;
  config.endpoint = router->endpoint();
  Router second(config, broker.secret.copy(), memory, clock);
  const auto started = second.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.refusal().code, base::RefusalCode::io_failed);
  second.stop();
  EXPECT_TRUE(router->start().ok()) << "idempotent";
}

TEST_F(Session, two_hundred_adapters_at_once) {
  start();
  auto definition = network();
  std::vector<base::KeyPair> keys;
  for (int i = 0; i < 200; ++i) {
    keys.push_back(base::new_transport_pair());
    auto& institution = *definition->add_institutions();
    institution.set_id(fmt::format("ccas-{}", i));
    institution.add_transport_keys()->set_key(text(keys.back().public_key));
  }
  router->use_network(definition);
  std::vector<TestAdapter> clients;
  clients.reserve(keys.size());
  for (const auto& key : keys) clients.push_back(adapter(key));
  for (std::size_t i = 0; i < clients.size(); ++i)
    ASSERT_TRUE(clients[i].say_hello({fmt::format("ccas-{}", i)})->has_welcome()) << i;
  for (auto& client : clients) client.send(submit_frame('m'));
  EXPECT_TRUE(memory.wait_for_submits(200));
  for (auto& client : clients) EXPECT_TRUE(client.answers_ping());
  EXPECT_EQ(router->figures().sessions_open, 200u);
}

}  // namespace
}  // namespace relais::transport::testing
