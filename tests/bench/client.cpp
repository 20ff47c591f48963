#include "tests/bench/client.h"

#include <stdexcept>
#include <zmq.h>

namespace relais::bench {

namespace {

void need(int code, const char* what) {
  if (code < 0) throw std::runtime_error(std::string(what) + ": " + zmq_strerror(zmq_errno()));
}

void set(void* socket, int option, int value) {
  need(zmq_setsockopt(socket, option, &value, sizeof value), "zmq_setsockopt");
}

}  // namespace

Client::Client(void* context, const Options& options, const std::string& institution,
               std::chrono::milliseconds patience) {
  const World world(options.data);
  const auto secret = world.secret(institution + "-transport");
  const auto mine = base::transport_public(secret);
  const auto theirs = world.broker_transport_key();
  socket_ = zmq_socket(context, ZMQ_DEALER);
  try {
    set(socket_, ZMQ_LINGER, 0);
    set(socket_, ZMQ_SNDHWM, 10'000);
    set(socket_, ZMQ_RCVHWM, 10'000);
    set(socket_, ZMQ_RECONNECT_IVL, 10);
    need(zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, theirs.data(), theirs.size()), "curve");
    need(zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, mine.data(), mine.size()), "curve");
    need(zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, secret.bytes().data(), secret.bytes().size()), "curve");
    const auto endpoint = "tcp://" + options.host + ":" + std::to_string(options.port);
    need(zmq_connect(socket_, endpoint.c_str()), "connect");
    v1::AdapterFrame hello;
    hello.mutable_hello()->add_protocol_versions(1);
    hello.mutable_hello()->set_adapter("relais-bench");
    hello.mutable_hello()->set_adapter_version("1");
    hello.mutable_hello()->add_institutions(institution);
    send(std::move(hello));
    const auto welcome = receive(patience);
    if (!welcome || !welcome->has_welcome()) {
      const bool refused = welcome && !welcome->refusals().empty();
      throw std::runtime_error("no welcome for " + institution +
                               (refused ? ": " + welcome->refusals(0).code() : std::string()));
    }
    session_ = welcome->session();
  } catch (...) {
    zmq_close(socket_);
    throw;
  }
}

Client::~Client() { zmq_close(socket_); }

void Client::send(v1::AdapterFrame&& frame) {
  frame.set_session(session_);
  zmq_msg_t message;
  need(zmq_msg_init_size(&message, frame.ByteSizeLong()), "message");
  frame.SerializeToArray(zmq_msg_data(&message), static_cast<int>(zmq_msg_size(&message)));
  need(zmq_msg_send(&message, socket_, 0), "send");
}

std::optional<v1::BrokerFrame> Client::receive(std::chrono::milliseconds patience) {
  zmq_msg_t message;
  zmq_msg_init(&message);
  int got = zmq_msg_recv(&message, socket_, ZMQ_DONTWAIT);
  if (got < 0 && patience.count() > 0) {
    zmq_pollitem_t item{socket_, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, patience.count()) > 0) got = zmq_msg_recv(&message, socket_, ZMQ_DONTWAIT);
  }
  std::optional<v1::BrokerFrame> frame;
  if (got >= 0) {
    frame.emplace();
    if (!frame->ParseFromArray(zmq_msg_data(&message), got)) throw std::runtime_error("a frame does not parse");
  }
  zmq_msg_close(&message);
  return frame;
}

void Client::barrier() {
  v1::AdapterFrame ask;
  auto& query = *ask.add_queries();
  query.set_query_id(++queries_);
  query.set_message_id(std::string(16, '\1'));
  send(std::move(ask));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    auto frame = receive(std::chrono::milliseconds(100));
    if (!frame) continue;
    bool answered = false;
    for (const auto& answer : frame->answers()) answered = answered || answer.query_id() == queries_;
    if (!frame->deliveries().empty()) passed_.push_back(std::move(*frame));
    if (answered) return;
  }
  throw std::runtime_error("the broker does not answer");
}

}  // namespace relais::bench
