#include "tests/integration/sdk/fake_broker.h"

#include <algorithm>
#include <set>

namespace relais::tests {

using transport::zmq::Context;
using transport::zmq::Message;
using transport::zmq::Socket;

FakeBroker::FakeBroker(const SmallNetwork& network) : network_(network), signed_(network.signed_network()) {
  welcome.set_protocol_version(1);
  welcome.set_broker("fake");
  welcome.set_network_version(network.definition.version());
  welcome.set_heartbeat_ms(500);
  welcome.set_silence_ms(1'500);
  welcome.set_frame_bytes_max(1u << 20);
  welcome.set_message_bytes_max(256u << 10);
  welcome.set_credit_messages_max(4'096);
  welcome.set_credit_bytes_max(64u << 20);
}

FakeBroker::~FakeBroker() { stop(); }

void FakeBroker::open_socket() {
  context_ = std::make_unique<Context>(1);
  socket_ = std::make_unique<Socket>(*context_, ZMQ_ROUTER);
  socket_->set(ZMQ_CURVE_SERVER, 1);
  socket_->set(ZMQ_CURVE_SECRETKEY, base::view(network_.broker.transport.secret.bytes()));
  socket_->set(ZMQ_LINGER, 0);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (socket_->bind(endpoint_) != 0) {
    base::check(std::chrono::steady_clock::now() < until, "the port is free again");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  endpoint_ = socket_->last_endpoint();
}

void FakeBroker::start() {
  if (thread_.joinable()) return;
  stopping_ = false;
  open_socket();
  thread_ = std::thread([this] { run(); });
}

void FakeBroker::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  thread_.join();
  const std::lock_guard lock(mutex_);
  peers_.clear();
  socket_.reset();
  context_.reset();
}

void FakeBroker::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(task));
}

void FakeBroker::judge(Judge judge) {
  const std::lock_guard lock(mutex_);
  judge_ = std::move(judge);
}

void FakeBroker::tamper(Tamper tamper) {
  const std::lock_guard lock(mutex_);
  tamper_ = std::move(tamper);
}

void FakeBroker::use_network(const v1::SignedNetwork& network, std::uint64_t version, bool announce) {
  post([this, network, version, announce] {
    signed_ = network;
    welcome.set_network_version(version);
    if (!announce) return;
    v1::BrokerFrame frame;
    frame.mutable_notice()->set_network_version(version);
    for (const auto& [identity, peer] : peers_) send(identity, frame);
  });
}

void FakeBroker::deliver(v1::Deliver deliver) {
  post([this, deliver = std::move(deliver)] {
    queue_.push_back(deliver);
    for (auto& [identity, peer] : peers_) dispatch(peer);
  });
}

void FakeBroker::say(v1::BrokerFrame frame) {
  post([this, frame = std::move(frame)] {
    for (const auto& [identity, peer] : peers_) send(identity, frame);
  });
}

void FakeBroker::cut() {
  post([this] {
    peers_.clear();
    socket_.reset();
    context_.reset();
    open_socket();
  });
}

void FakeBroker::forget_sessions() {
  post([this] { peers_.clear(); });
}

bool FakeBroker::wait(const std::function<bool()>& until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, until);
}

void FakeBroker::run() {
  while (!stopping_) {
    {
      const std::lock_guard lock(mutex_);
      for (const auto& task : std::exchange(orders_, {})) task();
      Message identity;
      Message body;
      while (socket_ && socket_->receive(identity)) {
        base::check(identity.more() && socket_->receive(body) && !body.more(), "a frame has one part");
        v1::AdapterFrame frame;
        base::check(frame.ParseFromString(std::string(body.bytes())), "an adapter sends frames");
        on_frame(std::string(identity.bytes()), frame);
      }
      changed_.notify_all();
    }
    zmq_pollitem_t item{socket_->handle(), 0, ZMQ_POLLIN, 0};
    zmq_poll(&item, 1, 2);
  }
}

void FakeBroker::send(const std::string& identity, v1::BrokerFrame frame) {
  if (frame.session() == 0)
    if (const auto peer = peers_.find(identity); peer != peers_.end()) frame.set_session(peer->second.session);
  if (tamper_ && !tamper_(frame)) return;
  if (socket_->send(Message(identity), true) == transport::zmq::Sent::done)
    static_cast<void>(socket_->send(Message(frame.SerializeAsString())));
}

void FakeBroker::on_frame(const std::string& identity, const v1::AdapterFrame& frame) {
  if (frame.has_hello()) return on_hello(identity);
  const auto found = peers_.find(identity);
  if (found == peers_.end() || found->second.session != frame.session()) {
    v1::BrokerFrame answer;
    answer.set_session(frame.session());
    *answer.add_refusals() = base::refuse(base::RefusalCode::session_unknown).to_wire({});
    answer.set_session(found == peers_.end() ? 0 : found->second.session);
    return send(identity, std::move(answer));
  }
  Peer& peer = found->second;
  v1::BrokerFrame answer;
  for (const auto& submit : frame.submits()) on_submit(submit, answer);
  for (const auto& settle : frame.settles()) on_settle(peer, settle);
  for (const auto& query : frame.queries()) on_query(query, answer);
  peer.credit_messages += frame.grant().messages();
  peer.credit_bytes += static_cast<std::int64_t>(frame.grant().bytes());
  if (frame.has_ping()) answer.mutable_pong();
  v1::AdapterFrame kept = frame;
  kept.clear_submits();
  frames.push_back(std::move(kept));
  if (answer.ByteSizeLong() != 0) send(identity, std::move(answer));
  dispatch(peer);
  if (frame.has_bye()) {
    ++byes;
    peers_.erase(identity);
  }
}

void FakeBroker::on_hello(const std::string& identity) {
  ++hellos;
  peers_.erase(identity);
  Peer& peer = peers_[identity];
  peer.identity = identity;
  peer.session = 1'000 + next_session_++;
  v1::BrokerFrame frame;
  *frame.mutable_welcome() = welcome;
  send(identity, std::move(frame));
}

void FakeBroker::on_submit(const v1::Submit& submit, v1::BrokerFrame& answer) {
  ++submits;
  v1::Envelope envelope;
  base::check(envelope.ParseFromString(submit.envelope()), "an adapter submits envelopes");
  const auto known = accepted.find(envelope.message_id());
  if (known == accepted.end() && judge_) {
    if (auto refused = judge_(envelope)) {
      refused->set_message_id(envelope.message_id());
      *answer.add_refusals() = std::move(*refused);
      return;
    }
  }
  auto& row = accepted[envelope.message_id()];
  if (known == accepted.end()) {
    row.envelope = envelope;
    row.bytes = submit.envelope();
    row.position = accepted.size();
    order.push_back(envelope.message_id());
  }
  base::check(row.bytes == submit.envelope(), "the same id comes with the same bytes");
  ++row.times;
  auto& receipt = *answer.add_receipts();
  receipt.set_message_id(envelope.message_id());
  receipt.set_position(row.position);
  receipt.set_repeated(row.times > 1);
}

void FakeBroker::on_settle(Peer& peer, const v1::Settle& settle) {
  for (const auto id : settle.delivery_ids()) {
    const auto out = peer.out.find(id);
    if (out == peer.out.end()) continue;
    Settled verdict;
    if (settle.has_acknowledge()) verdict.verdict = "acknowledge";
    if (settle.has_retry()) verdict = {"retry", settle.retry().reason(), settle.retry().after_ms()};
    if (settle.has_reject()) verdict = {"reject", settle.reject().reason(), 0};
    settled[out->second].push_back(verdict);
    if (verdict.verdict != "retry")
      std::erase_if(queue_, [&](const v1::Deliver& one) {
        v1::Envelope envelope;
        envelope.ParseFromString(one.envelope());
        return envelope.message_id() == out->second;
      });
    peer.out.erase(out);
  }
}

void FakeBroker::on_query(const v1::Query& query, v1::BrokerFrame& answer) {
  auto& one = *answer.add_answers();
  one.set_query_id(query.query_id());
  if (query.has_network()) {
    *one.mutable_network() = signed_;
    return;
  }
  for (const auto& referral : referrals)
    if (referral.referral_id() == query.referral_id()) *one.mutable_referral() = referral;
  if (!one.has_referral()) *one.mutable_refused() = base::refuse(base::RefusalCode::not_found).to_wire({});
}

void FakeBroker::dispatch(Peer& peer) {
  std::set<std::string> busy;
  for (const auto& one : queue_) {
    v1::Envelope envelope;
    envelope.ParseFromString(one.envelope());
    if (!envelope.case_id().empty() && !busy.insert(envelope.case_id()).second) continue;
    const bool out = std::any_of(peer.out.begin(), peer.out.end(),
                                 [&](const auto& held) { return held.second == envelope.message_id(); });
    if (out || peer.credit_messages == 0 || peer.credit_bytes <= 0) continue;
    v1::BrokerFrame frame;
    auto& deliver = *frame.add_deliveries();
    deliver = one;
    deliver.set_delivery_id(next_delivery_++);
    --peer.credit_messages;
    peer.credit_bytes -= static_cast<std::int64_t>(one.ByteSizeLong());
    peer.out.emplace(deliver.delivery_id(), envelope.message_id());
    in_hand_most = std::max<std::uint64_t>(in_hand_most, peer.out.size());
    delivered.push_back(envelope.message_id());
    send(peer.identity, std::move(frame));
  }
}

}  // namespace relais::tests
