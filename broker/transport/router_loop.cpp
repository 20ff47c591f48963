#include "broker/transport/router_loop.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "broker/base/check.h"
#include "broker/base/ids.h"
#include "broker/transport/frame_reader.h"
#include "broker/transport/router_socket.h"
#include "broker/transport/zap.h"

namespace relais::transport {

using base::RefusalCode;
using std::chrono::milliseconds;

namespace {

constexpr int kBurstFramesMax = 256;  // before replies and other duties get their turn
// Frames for one session travel together up to this size: CURVE costs by message, and beyond it by byte.
constexpr std::size_t kCoalescedBytesMax = 64 << 10;
constexpr milliseconds kSlowDownEvery{100};
constexpr int kSlowDownForMs = 1'000;  // the bucket is full again by then
constexpr milliseconds kSweepAtMost{1'000};
constexpr milliseconds kSweepAtLeast{10};

milliseconds sweep_interval(const RouterConfig& config) {
  return std::clamp(config.silence / 10, kSweepAtLeast, kSweepAtMost);
}

std::string_view closing_word(zmq::Sent sent) {
  return sent == zmq::Sent::unreachable ? "unreachable" : "slow_consumer";
}

}  // namespace

RouterLoop::RouterLoop(const RouterConfig& config, const base::SecretKey& secret, Listener& listener,
                       const base::Clock& clock, Mailbox& mailbox, Outbox& outbox, Counters& counters)
    : config_(config),
      listener_(listener),
      clock_(clock),
      mailbox_(mailbox),
      outbox_(outbox),
      counters_(counters),
      context_(1),
      zap_(context_, ZMQ_REP),
      router_(make_router_socket(context_, config, secret)),
      monitor_(context_, router_),
      access_(std::make_shared<const AccessList>()) {
  zap_.set(ZMQ_LINGER, 0);
  base::check(zap_.bind(kZapEndpoint) == 0, "the ZAP handler of an own context");
}

base::Status RouterLoop::bind() { return bind_router_socket(router_, config_.endpoint); }

void RouterLoop::run() {
  now_ = std::chrono::steady_clock::now();
  next_sweep_ = now_ + sweep_interval(config_);
  while (obey_orders()) {
    wait();
    now_ = std::chrono::steady_clock::now();
    mailbox_.clear();  // before the outbox is emptied: what comes later wakes us again
    const auto visitors = answer_zap_requests(zap_, *access_, clock_.now());
    counters_.handshakes_refused += visitors.refused;
    // The last words of a connection are read before its end is believed.
    if (receive_burst()) end_disconnected();
    flush_outbox();
    if (now_ >= next_sweep_) sweep();
  }
  for (auto* peer : table_.peers()) end_session(*peer, "stopping");
}

void RouterLoop::wait() {
  std::array items{zmq_pollitem_t{router_.handle(), 0, ZMQ_POLLIN, 0}, zmq_pollitem_t{zap_.handle(), 0, ZMQ_POLLIN, 0},
                   zmq_pollitem_t{monitor_.socket().handle(), 0, ZMQ_POLLIN, 0},
                   zmq_pollitem_t{nullptr, mailbox_.wake_fd(), ZMQ_POLLIN, 0}};
  const auto pause = std::chrono::ceil<milliseconds>(next_sweep_ - std::chrono::steady_clock::now());
  // Whatever it answers, the loop looks at every source.
  zmq_poll(items.data(), static_cast<int>(items.size()), std::max<long>(0, pause.count()));
}

bool RouterLoop::obey_orders() {
  auto orders = mailbox_.take();
  if (!orders) return true;
  if (orders->stop) return false;
  const bool drain_changed = orders->draining != draining_;
  draining_ = orders->draining;
  if (orders->access != access_) {
    use_access(std::move(orders->access));
  } else if (drain_changed) {
    notify_all();
  }
  return true;
}

void RouterLoop::use_access(std::shared_ptr<const AccessList> access) {
  access_ = std::move(access);
  notify_all();
}

/// Or says goodbye: a session may have lost its right to be told anything.
void RouterLoop::notify_all() {
  for (auto* peer : table_.peers()) {
    if (peer->session.id == 0) continue;
    if (still_entitled(*peer)) {
      notify(*peer);
    } else {
      refuse(*peer, base::refuse(RefusalCode::identity_unknown));
      end_session(*peer, "key_revoked");
    }
  }
}

bool RouterLoop::receive_burst() {
  for (int i = 0; i < kBurstFramesMax; ++i) {
    if (!router_.receive(routing_id_)) return true;
    base::check(router_.receive(payload_), "a ROUTER gives a message whole");
    const bool one_part = !payload_.more();
    zmq::Message rest;
    for (bool more = !one_part; more; more = rest.more()) base::check(router_.receive(rest), "all parts of a message");
    handle(one_part);
  }
  return false;
}

void RouterLoop::handle(bool one_part) {
  auto& peer = sender();
  peer.last_heard = now_;
  counters_.frames_received.fetch_add(1, std::memory_order_relaxed);
  if (!peer.rate.take(now_)) return slow_down(peer);
  if (!one_part)
    return refuse(peer, base::refuse(RefusalCode::frame_malformed, {}, {{"why", "a frame is one ZeroMQ part"}}));
  auto frame = read_frame(payload_.bytes(), config_.frame_bytes_max);
  if (!frame) return refuse(peer, frame.refusal());
  if (frame->has_hello()) return handle_hello(peer, frame->hello());
  if (peer.session.id == 0 || frame->session() != peer.session.id)
    return refuse(peer, base::refuse(RefusalCode::session_unknown));
  handle_in_session(peer, *std::move(frame));
}

Peer& RouterLoop::sender() {
  const auto user_id = payload_.property("User-Id");
  auto* known = table_.at(routing_id_.bytes());
  if (known != nullptr && known->user_id == user_id) return *known;
  // First word of a connection; its file descriptor or its routing id may have been another's.
  end_disconnected();
  known = table_.at(routing_id_.bytes());
  if (known != nullptr) {
    end_session(*known, "replaced");
    table_.remove(*known);
  }
  return table_.add(Peer{.routing_id = std::string(routing_id_.bytes()),
                         .user_id = std::string(user_id),
                         .connection = payload_.connection(),
                         .last_heard = now_,
                         .last_slowed = now_ - kSlowDownEvery,
                         .rate = RateLimit(config_.frames_per_second_max, now_),
                         .session = {}});
}

void RouterLoop::handle_hello(Peer& peer, const v1::Hello& hello) {
  end_session(peer, "replaced");
  peer.connection = payload_.connection();
  const auto key = base::unhex(peer.user_id);
  base::check(key.has_value(), "ZAP names a connection by its key");
  auto session = read_hello(hello, *key, *access_, clock_.now());
  if (!session) return refuse(peer, session.refusal());
  if (table_.sessions() >= config_.sessions_max) return refuse(peer, base::refuse(RefusalCode::broker_overloaded));

  session->id = new_session_id();
  table_.open(peer, *std::move(session));
  // All stands before the adapter hears of its session; what is sent to it meanwhile leaves after the Welcome.
  outbox_.open(peer.session.id);
  counters_.sessions_open = table_.sessions();
  listener_.session_opened(peer.session);
  welcome(peer);
  if (draining_) notify(peer);
}

void RouterLoop::handle_in_session(Peer& peer, v1::AdapterFrame&& frame) {
  const auto session = peer.session.id;
  const bool bye = frame.has_bye();
  v1::BrokerFrame reply;
  for (auto& refused : take_oversized_submits(frame, config_.message_bytes_max))
    *reply.add_refusals() = std::move(refused);
  if (frame.has_ping()) reply.mutable_pong();
  if (reply.has_pong() || !reply.refusals().empty()) {
    counters_.frames_refused.fetch_add(reply.refusals().empty() ? 0 : 1, std::memory_order_relaxed);
    send(peer, reply);
  }
  const bool speaks_on =
      frame.has_grant() || !frame.submits().empty() || !frame.settles().empty() || !frame.queries().empty();
  // A session that could not be answered has just ended.
  if (speaks_on && peer.session.id == session) listener_.frame_received(session, std::move(frame));
  if (bye) end_session(peer, "bye");
}

void RouterLoop::flush_outbox() {
  for (auto& pending : outbox_.take())
    if (auto* peer = table_.of(pending.session); peer != nullptr) flush(*peer, pending.items);
}

/// Serialised frames one behind another are the serialised form of the frame that holds all their entries.
void RouterLoop::flush(Peer& peer, const std::vector<Outbox::Item>& items) {
  const auto session = peer.session.id;
  const std::size_t bytes_max = std::min<std::size_t>(kCoalescedBytesMax, config_.frame_bytes_max);
  for (std::size_t begin = 0; begin < items.size() && peer.session.id == session;) {
    std::size_t bytes = items[begin].bytes;
    std::size_t end = begin + 1;
    while (end < items.size() && bytes + items[end].bytes <= bytes_max) bytes += items[end++].bytes;
    zmq::Message message(bytes);
    auto* place = message.data();
    for (; begin < end; ++begin) place = items[begin].frame->SerializeWithCachedSizesToArray(place);
    send(peer, std::move(message));
  }
}

void RouterLoop::send(Peer& peer, v1::BrokerFrame& frame) {
  frame.set_session(peer.session.id);
  zmq::Message message(frame.ByteSizeLong());
  frame.SerializeWithCachedSizesToArray(message.data());
  send(peer, std::move(message));
}

void RouterLoop::send(Peer& peer, zmq::Message&& bytes) {
  auto sent = router_.send(zmq::Message(peer.routing_id), true);
  // The first part found room for the whole message: the second never waits.
  if (sent == zmq::Sent::done) sent = router_.send(std::move(bytes));
  if (sent == zmq::Sent::done) {
    counters_.frames_sent.fetch_add(1, std::memory_order_relaxed);
  } else {
    end_session(peer, closing_word(sent));
  }
}

void RouterLoop::refuse(Peer& peer, const base::Refusal& refusal) {
  counters_.frames_refused.fetch_add(1, std::memory_order_relaxed);
  v1::BrokerFrame frame;
  *frame.add_refusals() = refusal.to_wire({});
  send(peer, frame);
}

/// Not for each frame too many: the answers would cost more than the frames.
void RouterLoop::slow_down(Peer& peer) {
  counters_.frames_refused.fetch_add(1, std::memory_order_relaxed);
  if (now_ - peer.last_slowed < kSlowDownEvery) return;
  peer.last_slowed = now_;
  const auto refusal = base::refuse(RefusalCode::rate_exceeded, {},
                                    {{"max", fmt::format("{} frames/s", config_.frames_per_second_max)}});
  v1::BrokerFrame frame;
  *frame.add_refusals() = refusal.to_wire({});
  frame.mutable_refusals(0)->set_retry_after_ms(kSlowDownForMs);
  send(peer, frame);
}

void RouterLoop::welcome(Peer& peer) {
  v1::BrokerFrame frame;
  auto& welcome = *frame.mutable_welcome();
  welcome.set_protocol_version(kProtocolVersion);
  welcome.set_broker("relaisd " RELAIS_VERSION);
  welcome.set_network_version(access_->network_version());
  welcome.set_heartbeat_ms(static_cast<std::uint32_t>(config_.heartbeat.count()));
  welcome.set_silence_ms(static_cast<std::uint32_t>(config_.silence.count()));
  welcome.set_frame_bytes_max(config_.frame_bytes_max);
  welcome.set_message_bytes_max(config_.message_bytes_max);
  welcome.set_credit_messages_max(config_.credit_messages_max);
  welcome.set_credit_bytes_max(config_.credit_bytes_max);
  welcome.set_broker_time_ms(base::to_ms(clock_.now()));
  send(peer, frame);
}

void RouterLoop::notify(Peer& peer) {
  v1::BrokerFrame frame;
  frame.mutable_notice()->set_draining(draining_);
  frame.mutable_notice()->set_network_version(access_->network_version());
  send(peer, frame);
}

void RouterLoop::end_session(Peer& peer, std::string_view why) {
  const auto session = peer.session.id;
  if (session == 0) return;
  outbox_.close(session);
  table_.close(peer);
  counters_.sessions_open = table_.sessions();
  listener_.session_closed(session, why);
}

void RouterLoop::end_disconnected() {
  const auto news = monitor_.drain();
  counters_.handshakes_refused += news.handshakes_failed;
  if (news.disconnected.empty()) return;
  for (auto* peer : table_.peers()) {
    if (std::ranges::find(news.disconnected, peer->connection) == news.disconnected.end()) continue;
    end_session(*peer, "disconnected");
    table_.remove(*peer);
  }
}

void RouterLoop::sweep() {
  next_sweep_ = now_ + sweep_interval(config_);
  for (auto* peer : table_.peers()) {
    if (now_ - peer->last_heard > config_.silence) {
      end_session(*peer, "silence");
      table_.remove(*peer);
    } else if (peer->session.id != 0 && !still_entitled(*peer)) {
      // Keys come to the end of their validity without a new definition.
      refuse(*peer, base::refuse(RefusalCode::identity_unknown));
      end_session(*peer, "key_revoked");
    }
  }
}

bool RouterLoop::still_entitled(const Peer& peer) const {
  return std::ranges::all_of(peer.session.institutions, [&](const auto& institution) {
    return access_->speaks_for(peer.session.transport_key, institution, clock_.now());
  });
}

SessionId RouterLoop::new_session_id() {
  while (true) {
    SessionId id = 0;
    const auto bytes = base::random_bytes(sizeof id);
    std::memcpy(&id, bytes.data(), sizeof id);
    if (id != 0 && table_.of(id) == nullptr) return id;
  }
}

}  // namespace relais::transport
