#include <random>
#include <thread>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/integration/transport/router_fixture.h"

namespace relais::transport::testing {
namespace {

using std::chrono::milliseconds;

class BadInput : public RouterTest {
 protected:
  /// An adapter with an open session.
  TestAdapter greeted(const base::KeyPair& key, const std::string& institution,
                      const TestAdapter::Options& options = {}) {
    auto client = adapter(key, options);
    const auto answer = client.say_hello({institution});
    EXPECT_TRUE(answer && answer->has_welcome());
    return client;
  }

  int connect_plainly() {
    const auto endpoint = router->endpoint();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
};

TEST_F(BadInput, malformed_and_truncated_frames_are_refused_and_the_session_goes_on) {
  start();
  auto client = greeted(caf, "caf-25");
  client.send(std::vector<std::string>{"\xff\xff not protobuf"});
  EXPECT_EQ(client.refusal()->code(), "frame.malformed");
  auto frame = submit_frame('m');
  frame.set_session(client.session);
  auto cut = frame.SerializeAsString();
  cut.resize(cut.size() - 3);
  client.send(std::vector{cut});
  EXPECT_EQ(client.refusal()->code(), "frame.malformed");
  EXPECT_EQ(memory.submits(), 0u);
  EXPECT_TRUE(client.answers_ping());
  EXPECT_EQ(router->figures().frames_refused, 2u);
}

TEST_F(BadInput, a_frame_in_several_parts_is_refused_and_the_next_is_read_from_its_start) {
  start();
  auto client = greeted(caf, "caf-25");
  auto frame = submit_frame('m');
  frame.set_session(client.session);
  const auto bytes = frame.SerializeAsString();
  client.send({bytes, bytes, bytes});
  EXPECT_EQ(client.refusal()->code(), "frame.malformed");
  client.send({"", bytes});
  EXPECT_EQ(client.refusal()->code(), "frame.malformed") << "as a REQ socket would";
  EXPECT_EQ(memory.submits(), 0u);
  client.send(frame);
  EXPECT_TRUE(memory.wait_for_submits(1));
}

TEST_F(BadInput, a_frame_a_little_too_large_is_refused_and_far_beyond_the_connection_is_cut) {
  RouterConfig config;
  config.frame_bytes_max = 100'000;
  config.message_bytes_max = 50'000;
  start(config);
  auto other = greeted(ccas, "ccas-25056");
  auto client = greeted(caf, "caf-25");
  client.send(submit_frame('m', 120'000));
  EXPECT_EQ(client.refusal()->code(), "frame.too_large");
  EXPECT_TRUE(client.answers_ping());
  client.send(submit_frame('m', 1'000'000));
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].why, "disconnected");
  EXPECT_EQ(memory.submits(), 0u);
  EXPECT_TRUE(other.answers_ping());
}

TEST_F(BadInput, one_message_too_large_does_not_stop_the_others_of_its_frame) {
  RouterConfig config;
  config.message_bytes_max = 1'000;
  start(config);
  auto client = greeted(caf, "caf-25");
  v1::AdapterFrame frame;
  *frame.add_submits() = submit_frame('a').submits(0);
  *frame.add_submits() = submit_frame('b', 2'000).submits(0);
  *frame.add_submits() = submit_frame('c').submits(0);
  client.send(frame);
  const auto refused = client.refusal();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), "message.too_large");
  EXPECT_EQ(refused->message_id(), std::string(16, 'b'));
  EXPECT_TRUE(memory.wait_for_submits(2));
}

TEST_F(BadInput, a_wrong_version_is_told_which_one_is_spoken) {
  start();
  auto client = adapter(caf);
  const auto answer = client.say_hello({"caf-25"}, {2, 3});
  ASSERT_EQ(answer->refusals_size(), 1);
  EXPECT_EQ(answer->refusals(0).code(), "frame.version");
  EXPECT_NE(answer->refusals(0).english().find("speaks 1"), std::string::npos) << answer->refusals(0).english();
  EXPECT_TRUE(client.say_hello({"caf-25"}, {1, 2})->has_welcome());
}

TEST_F(BadInput, a_frame_before_hello_or_of_an_invented_session_is_told_to_say_hello) {
  start();
  auto client = adapter(caf);
  client.send(submit_frame('m'));
  auto refused = client.refusal();
  EXPECT_EQ(refused->code(), "session.unknown");
  EXPECT_TRUE(refused->retry());
  ASSERT_TRUE(client.say_hello({"caf-25"})->has_welcome());
  auto invented = submit_frame('m');
  invented.set_session(client.session + 1);
  client.send(invented);
  EXPECT_EQ(client.refusal()->code(), "session.unknown");
  EXPECT_EQ(memory.submits(), 0u);
  EXPECT_TRUE(client.answers_ping());
}

TEST_F(BadInput, too_many_frames_are_refused_and_the_others_do_not_notice) {
  RouterConfig config;
  config.frames_per_second_max = 200;
  start(config);
  auto other = greeted(ccas, "ccas-25056");
  auto client = greeted(caf, "caf-25");
  for (int i = 0; i < 2'000; ++i) client.send(submit_frame('m'));
  const auto refused = client.refusal();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), "rate.exceeded");
  EXPECT_TRUE(refused->retry());
  EXPECT_GT(refused->retry_after_ms(), 0);
  EXPECT_TRUE(other.answers_ping());
  EXPECT_LT(memory.submits(), 2'000u);
  std::this_thread::sleep_for(milliseconds(1'200));
  while (client.receive(milliseconds(50))) {
  }
  EXPECT_TRUE(client.answers_ping()) << "after a pause all is well";
}

TEST_F(BadInput, a_consumer_that_does_not_read_loses_its_session_and_stops_nobody) {
  RouterConfig config;
  config.heartbeat = milliseconds(60'000);
  config.silence = milliseconds(120'000);
  start(config);
  auto other = greeted(ccas, "ccas-25056");
  auto slow = greeted(caf, "caf-25", {.receive_high_water_mark = 1, .receive_buffer_bytes = 4'096});
  bool gone = false;
  for (int i = 0; i < 100'000 && !gone; ++i) {
    v1::BrokerFrame frame;
    frame.add_deliveries()->set_envelope(std::string(40'000, 'e'));
    gone = !router->send(slow.session, std::move(frame));
    if (i % 100 == 0) {
      EXPECT_TRUE(other.answers_ping());
    }
  }
  EXPECT_TRUE(gone);
  ASSERT_TRUE(memory.wait_for_closed(1));
  EXPECT_EQ(memory.closed()[0].session, slow.session);
  EXPECT_EQ(memory.closed()[0].why, "slow_consumer");
  EXPECT_TRUE(other.answers_ping());
}

TEST_F(BadInput, garbage_on_the_port_harms_nobody) {
  start();
  auto client = greeted(caf, "caf-25");
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    const int fd = connect_plainly();
    std::string noise = i % 2 == 0 ? "GET / HTTP/1.1\r\nHost: relais\r\n\r\n" : "";
    while (noise.size() < 3'000) noise += static_cast<char>(random() & 0xff);
    EXPECT_GT(::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL), 0);
    close(fd);
  }
  EXPECT_TRUE(client.answers_ping());
  EXPECT_TRUE(memory.closed().empty());
}

TEST_F(BadInput, frames_in_flight_survive_the_misbehaviour_of_another) {
  start();
  auto good = greeted(ccas, "ccas-25056");
  constexpr int kFrames = 5'000;
  std::thread vandal([&] {
    auto bad = greeted(caf, "caf-25");
    for (int i = 0; i < 500; ++i) {
      bad.send(std::vector<std::string>{std::string(static_cast<std::size_t>(i), '\xff')});
      bad.send({"a", "b"});
      auto stranger = submit_frame('x');
      stranger.set_session(999);
      bad.send(stranger);
      while (bad.receive(milliseconds(0))) {
      }
    }
  });
  for (int i = 0; i < kFrames; ++i) good.send(submit_frame(static_cast<char>('a' + i % 26)));
  EXPECT_TRUE(memory.wait_for_submits(kFrames));
  vandal.join();
  EXPECT_EQ(memory.submits(), static_cast<std::size_t>(kFrames));
  int index = 0;
  for (const auto& frame : memory.frames())
    EXPECT_EQ(frame.submits(0).envelope(), submit_frame(static_cast<char>('a' + index++ % 26)).submits(0).envelope());
  EXPECT_TRUE(good.answers_ping());
}

}  // namespace
}  // namespace relais::transport::testing
