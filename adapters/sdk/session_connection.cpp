#include "adapters/sdk/session_connection.h"

#include <algorithm>
#include <utility>

#include "broker/base/log.h"
#include "broker/base/refusal_code.h"

namespace relais::sdk {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kProtocolVersion = 1;
constexpr int kFramesInARow = 64;  // received, before anything is sent; and the other way round
constexpr int kSettlesMax = 512;   // in one frame
constexpr milliseconds kFarewell{500};
constexpr milliseconds kNetworkAgain{1'000};
constexpr milliseconds kDrainingPause{5'000};

std::uint64_t bytes_of(const v1::Deliver& deliver) {
  std::uint64_t bytes = deliver.envelope().size();
  for (const auto& compartment : deliver.compartments()) bytes += compartment.size();
  return bytes;
}

bool is(const v1::Refused& refusal, base::RefusalCode code) { return refusal.code() == base::info(code).name; }

}  // namespace

SessionConnection::SessionConnection(SessionParts parts, SocketContext& context, const std::string& endpoint)
    : parts_(parts),
      socket_(context, endpoint, parts.config.pins.broker_public_key, parts.config.transport_key),
      credit_(parts.config.in_hand_messages_max, parts.config.in_hand_bytes_max),
      now_(std::chrono::steady_clock::now()) {}

SessionConnection::End SessionConnection::run() {
  say_hello();
  while (!ended_) {
    now_ = std::chrono::steady_clock::now();
    take_orders();
    receive();
    if (socket_.lost()) end(session_ == 0 ? "connection.failed" : "connection.lost");
    check_times();
    if (ended_) break;
    const bool taken = send();
    if (said_bye_ && outgoing_.empty()) break;
    socket_.wait(!taken, parts_.mailbox.wake_fd(), patience());
  }
  end_.stopped = leaving_;
  parts_.current = 0;
  for (auto& [id, question] : asked_) parts_.questions.push_back(std::move(question));
  return end_;
}

void SessionConnection::end(std::string_view why) {
  if (ended_) return;
  ended_ = true;
  end_.why = why;
}

void SessionConnection::say_hello() {
  session_ = 0;
  parts_.current = 0;
  parts_.figures.connected(false);
  in_hand_.clear();
  settlements_.clear();
  for (auto& [id, question] : asked_) parts_.questions.push_back(std::move(question));
  asked_.clear();
  network_query_.reset();
  v1::AdapterFrame frame;
  auto& hello = *frame.mutable_hello();
  hello.add_protocol_versions(kProtocolVersion);
  hello.set_adapter(parts_.config.name);
  hello.set_adapter_version(parts_.config.version);
  for (const auto& institution : parts_.config.institutions) hello.add_institutions(institution.id);
  outgoing_ = frame.SerializeAsString();
  hello_until_ = now_ + parts_.config.times.welcome_within;
  last_heard_ = last_said_ = last_ping_ = now_;
}

void SessionConnection::take_orders() {
  auto orders = parts_.mailbox.take();
  if (orders.stop && !leaving_) {
    leaving_ = true;
    leave_until_ = now_ + kFarewell;
  }
  if (orders.refresh_network) network_wanted_ = true;
  for (auto& settlement : orders.settlements)
    if (settlement.session == session_ && session_ != 0) settlements_.push_back(std::move(settlement));
  parts_.submissions.routed(orders.routed);
  for (auto& question : orders.questions) parts_.questions.push_back(std::move(question));
}

void SessionConnection::receive() {
  std::string bytes;
  for (int i = 0; i < kFramesInARow && !ended_ && socket_.receive(bytes); ++i) {
    last_heard_ = now_;
    parts_.figures.contact();
    v1::BrokerFrame frame;
    if (bytes.empty() || !frame.ParseFromString(bytes)) return end("frame.malformed");
    on_frame(std::move(frame));
  }
}

void SessionConnection::on_frame(v1::BrokerFrame&& frame) {
  if (frame.has_welcome()) on_welcome(frame);
  for (const auto& refusal : frame.refusals()) on_refused(frame, refusal);
  if (session_ == 0 || frame.session() != session_) return;
  for (const auto& receipt : frame.receipts())
    if (auto submission = parts_.submissions.answered(receipt.message_id())) {
      ++parts_.figures.receipts;
      parts_.listener.promised(std::move(*submission), receipt);
    }
  for (auto& deliver : *frame.mutable_deliveries()) {
    const auto bytes = bytes_of(deliver);
    credit_.delivered(bytes);
    in_hand_.insert_or_assign(deliver.delivery_id(), bytes);
    parts_.listener.delivered(session_, std::move(deliver));
  }
  for (auto& answer : *frame.mutable_answers()) on_answer(std::move(answer));
  if (frame.has_notice()) on_notice(frame.notice());
}

void SessionConnection::on_welcome(const v1::BrokerFrame& frame) {
  const auto& welcome = frame.welcome();
  if (frame.session() == 0 || welcome.protocol_version() != kProtocolVersion) return end("frame.version");
  session_ = frame.session();
  end_.was_open = true;
  // Below a tenth of a second the two would only talk about being alive.
  heartbeat_ = milliseconds(std::max(welcome.heartbeat_ms(), 100u));
  silence_ = milliseconds(std::max(welcome.silence_ms(), 200u));
  if (welcome.frame_bytes_max() != 0) frame_bytes_max_ = welcome.frame_bytes_max();
  parts_.figures.message_bytes_max = welcome.message_bytes_max();
  credit_.session_opened(welcome);
  parts_.submissions.session_opened();
  parts_.current = session_;
  ++parts_.figures.sessions;
  parts_.figures.connected(true);
  base::log_info("session opened", {{"broker", welcome.broker()}, {"network_version", welcome.network_version()}});
  network_wanted_ = welcome.network_version() != parts_.listener.network_version() && welcome.network_version() != 0;
  network_asked_at_ = {};
}

void SessionConnection::on_refused(const v1::BrokerFrame& frame, const v1::Refused& refusal) {
  if (refusal.message_id().empty()) return on_session_refused(frame, refusal);
  if (session_ == 0 || frame.session() != session_) return;
  if (refusal.retry()) {
    ++parts_.figures.refusals_retried;
    parts_.figures.error(refusal.code());
    parts_.submissions.put_off(refusal.message_id(), milliseconds(refusal.retry_after_ms()), now_);
  } else if (auto submission = parts_.submissions.answered(refusal.message_id())) {
    ++parts_.figures.refusals;
    parts_.figures.error(refusal.code());
    parts_.listener.refused(std::move(*submission), refusal);
  }
}

void SessionConnection::on_session_refused(const v1::BrokerFrame& frame, const v1::Refused& refusal) {
  if (is(refusal, base::RefusalCode::session_unknown)) {
    // With the present session, or before there is one, it speaks of an older frame.
    if (session_ != 0 && frame.session() != session_) say_hello();
    return;
  }
  // Harmless: the session in which it was settled has ended meanwhile.
  if (is(refusal, base::RefusalCode::delivery_unknown)) return;
  base::log_warning("broker refused", {{"code", refusal.code()}, {"field", refusal.field()}});
  parts_.figures.error(refusal.code());
  const bool ends = session_ == 0 || is(refusal, base::RefusalCode::identity_unknown) ||
                    is(refusal, base::RefusalCode::rate_exceeded);
  if (!ends) return;
  // After rate.exceeded nobody knows which frames were not read: a new session says everything again.
  end_.not_before = milliseconds(std::clamp<std::int64_t>(refusal.retry_after_ms(), 0, 60'000));
  end(refusal.code());
}

void SessionConnection::on_answer(v1::Answer&& answer) {
  if (network_query_ == answer.query_id()) {
    network_query_.reset();
    if (answer.has_network()) parts_.listener.network_received(answer.network());
    return;
  }
  const auto asked = asked_.extract(answer.query_id());
  if (!asked.empty()) asked.mapped()->answer.set_value(std::move(answer));
}

void SessionConnection::on_notice(const v1::Notice& notice) {
  if (notice.draining()) {
    parts_.figures.draining(true);
    parts_.submissions.pause(kDrainingPause, now_);
    base::log_info("broker is draining");
  } else {
    parts_.figures.draining(false);
  }
  if (notice.network_version() != 0 && notice.network_version() != parts_.listener.network_version())
    network_wanted_ = true;
}

void SessionConnection::compose_settles(v1::AdapterFrame& frame) {
  v1::Settle acknowledged;
  acknowledged.mutable_acknowledge();
  const auto count = std::min<std::size_t>(settlements_.size(), kSettlesMax);
  for (std::size_t i = 0; i < count; ++i) {
    auto& settlement = settlements_[i];
    const auto held = in_hand_.extract(settlement.delivery_id);
    if (held.empty()) continue;
    credit_.settled(held.mapped());
    if (settlement.verdict.has_acknowledge()) {
      acknowledged.add_delivery_ids(settlement.delivery_id);
    } else {
      auto& settle = *frame.add_settles();
      settle = std::move(settlement.verdict);
      settle.add_delivery_ids(settlement.delivery_id);
    }
  }
  if (!acknowledged.delivery_ids().empty()) *frame.add_settles() = std::move(acknowledged);
  settlements_.erase(settlements_.begin(), settlements_.begin() + static_cast<std::ptrdiff_t>(count));
}

void SessionConnection::compose_queries(v1::AdapterFrame& frame) {
  if (network_wanted_ && !network_query_ && now_ - network_asked_at_ >= kNetworkAgain) {
    network_wanted_ = false;
    network_asked_at_ = now_;
    network_query_ = next_query_++;
    auto& query = *frame.add_queries();
    query.set_query_id(*network_query_);
    query.mutable_network();
  }
  for (auto& question : parts_.questions) {
    if (question->until < now_) continue;
    auto& query = *frame.add_queries();
    query = question->query;
    query.set_query_id(next_query_++);
    asked_.emplace(query.query_id(), std::move(question));
  }
  parts_.questions.clear();
  std::erase_if(asked_, [&](const auto& asked) { return asked.second->until < now_; });
}

/// False when there is nothing to say.
bool SessionConnection::compose(v1::AdapterFrame& frame) {
  compose_settles(frame);
  compose_queries(frame);
  if (!leaving_) {
    // Nothing could be verified without a definition, so nothing is asked for.
    if (parts_.listener.network_version() != 0)
      if (auto grant = credit_.due()) *frame.mutable_grant() = std::move(*grant);
    constexpr std::uint64_t kRestOfFrame = 64u << 10;  // ids of settlements, queries
    if (parts_.listener.keeps_up())
      parts_.submissions.fill(
          frame, frame_bytes_max_ > 2 * kRestOfFrame ? frame_bytes_max_ - kRestOfFrame : kRestOfFrame, now_);
  }
  const auto quiet = heartbeat_ / 2;
  if (now_ - last_ping_ >= quiet && (now_ - last_said_ >= quiet || now_ - last_heard_ >= quiet)) {
    last_ping_ = now_;
    frame.mutable_ping();
  }
  if (leaving_ && settlements_.empty() && !said_bye_) {
    said_bye_ = true;
    frame.mutable_bye();
  }
  return !frame.submits().empty() || !frame.settles().empty() || !frame.queries().empty() || frame.has_grant() ||
         frame.has_ping() || frame.has_bye();
}

bool SessionConnection::send() {
  for (int i = 0; i < kFramesInARow; ++i) {
    if (outgoing_.empty()) {
      if (session_ == 0) return true;
      v1::AdapterFrame frame;
      if (!compose(frame)) return true;
      frame.set_session(session_);
      outgoing_ = frame.SerializeAsString();
    }
    if (!socket_.send(outgoing_)) return false;
    outgoing_.clear();
    last_said_ = now_;
  }
  return true;
}

void SessionConnection::check_times() {
  if (leaving_ && (session_ == 0 || now_ > leave_until_)) return end("stopped");
  if (session_ == 0) {
    if (now_ > hello_until_) end("welcome.none");
    return;
  }
  if (now_ - last_heard_ > silence_) return end("connection.silence");
  if (parts_.submissions.overdue(now_)) return end("answer.none");
}

std::chrono::milliseconds SessionConnection::patience() const {
  if (session_ == 0) {
    const auto left = std::chrono::ceil<milliseconds>(hello_until_ - now_);
    return std::max(left, milliseconds(0)) + milliseconds(1);
  }
  // Something is left to do at once, or the next thing to do by itself is keeping the connection alive.
  const bool busy = outgoing_.empty() && (!settlements_.empty() || (!leaving_ && parts_.listener.keeps_up() &&
                                                                    parts_.submissions.something_to_send(now_)));
  if (busy) return milliseconds(0);
  auto until = std::min(now_ + heartbeat_ / 4, now_ + milliseconds(1'000));
  if (parts_.submissions.paused_until() > now_) until = std::min(until, parts_.submissions.paused_until());
  return std::chrono::ceil<milliseconds>(until - now_);
}

}  // namespace relais::sdk
