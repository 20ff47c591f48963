#include "tests/integration/transport/test_adapter.h"

#include "relais/v1/envelope.pb.h"

namespace relais::transport::testing {

void Memory::session_opened(const SessionInfo& session) {
  const std::lock_guard lock(mutex_);
  opened_.push_back(session);
  changed_.notify_all();
}

void Memory::session_closed(SessionId session, std::string_view why) {
  const std::lock_guard lock(mutex_);
  closed_.push_back({session, std::string(why)});
  changed_.notify_all();
}

void Memory::frame_received(SessionId session, v1::AdapterFrame&& frame) {
  const v1::AdapterFrame seen = std::move(frame);
  {
    const std::lock_guard lock(mutex_);
    submits_ += static_cast<std::size_t>(seen.submits_size());
    frames_.push_back(seen);
    changed_.notify_all();
  }
  if (on_frame) on_frame(session, seen);
}

bool Memory::wait(const std::function<bool()>& until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, until);
}

bool Memory::wait_for_opened(std::size_t count) {
  return wait([&] { return opened_.size() >= count; });
}
bool Memory::wait_for_closed(std::size_t count) {
  return wait([&] { return closed_.size() >= count; });
}
bool Memory::wait_for_submits(std::size_t count) {
  return wait([&] { return submits_ >= count; });
}

std::vector<SessionInfo> Memory::opened() {
  const std::lock_guard lock(mutex_);
  return opened_;
}
std::vector<Memory::Closed> Memory::closed() {
  const std::lock_guard lock(mutex_);
  return closed_;
}
std::vector<v1::AdapterFrame> Memory::frames() {
  const std::lock_guard lock(mutex_);
  return frames_;
}
std::size_t Memory::submits() {
  const std::lock_guard lock(mutex_);
  return submits_;
}

TestAdapter::TestAdapter(zmq::Context& context, const std::string& endpoint, const base::PublicKeyBytes& broker,
                         const base::KeyPair& key, const Options& options)
    : socket_(context, ZMQ_DEALER) {
  if (options.curve) {
    socket_.set(ZMQ_CURVE_SERVERKEY, base::view(broker));
    socket_.set(ZMQ_CURVE_PUBLICKEY, base::view(key.public_key));
    socket_.set(ZMQ_CURVE_SECRETKEY, base::view(key.secret.bytes()));
  }
  if (!options.routing_id.empty()) socket_.set(ZMQ_ROUTING_ID, options.routing_id);
  socket_.set(ZMQ_RCVHWM, options.receive_high_water_mark);
  socket_.set(ZMQ_RCVBUF, options.receive_buffer_bytes);
  socket_.set(ZMQ_LINGER, 0);
  socket_.connect(endpoint);
}

bool TestAdapter::wait(short events, std::chrono::milliseconds patience) {
  zmq_pollitem_t item{socket_.handle(), 0, events, 0};
  return zmq_poll(&item, 1, patience.count()) > 0;
}

void TestAdapter::send(const std::vector<std::string>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool more = i + 1 < parts.size();
    while (socket_.send(zmq::Message(std::string_view(parts[i])), more) != zmq::Sent::done)
      if (!wait(ZMQ_POLLOUT, kPatience)) return;
  }
}

void TestAdapter::send(v1::AdapterFrame frame) {
  if (!frame.has_hello() && frame.session() == 0) frame.set_session(session);
  send(std::vector{frame.SerializeAsString()});
}

std::optional<v1::BrokerFrame> TestAdapter::receive(std::chrono::milliseconds patience) {
  zmq::Message message;
  if (!wait(ZMQ_POLLIN, patience) || !socket_.receive(message)) return std::nullopt;
  v1::BrokerFrame frame;
  if (!frame.ParseFromString(std::string(message.bytes()))) return std::nullopt;
  return frame;
}

std::optional<v1::BrokerFrame> TestAdapter::say_hello(const std::vector<std::string>& institutions,
                                                      const std::vector<std::uint32_t>& versions) {
  v1::AdapterFrame frame;
  auto& hello = *frame.mutable_hello();
  hello.set_adapter("test");
  hello.set_adapter_version("1");
  for (const auto version : versions) hello.add_protocol_versions(version);
  for (const auto& institution : institutions) hello.add_institutions(institution);
  send(frame);
  auto answer = receive();
  if (answer && answer->has_welcome()) session = answer->session();
  return answer;
}

std::optional<v1::Refused> TestAdapter::refusal(std::chrono::milliseconds patience) {
  while (auto frame = receive(patience))
    if (!frame->refusals().empty()) return frame->refusals(0);
  return std::nullopt;
}

bool TestAdapter::answers_ping() {
  v1::AdapterFrame frame;
  frame.mutable_ping();
  send(frame);
  while (auto answer = receive()) {
    if (answer->has_pong()) return true;
    if (!answer->refusals().empty()) return false;
  }
  return false;
}

v1::AdapterFrame submit_frame(char id, std::size_t compartment_bytes) {
  v1::Envelope envelope;
  envelope.set_message_id(std::string(16, id));
  v1::AdapterFrame frame;
  auto& submit = *frame.add_submits();
  submit.set_envelope(envelope.SerializeAsString());
  submit.add_compartments(std::string(compartment_bytes, 'c'));
  return frame;
}

}  // namespace relais::transport::testing
