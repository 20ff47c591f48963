#include "broker/transport/outbox.h"

#include <utility>

namespace relais::transport {

namespace {

/// What a waiting frame costs beside its bytes, roughly: else empty frames would be free.
constexpr std::size_t kItemOverheadBytes = 256;

Outbox::Item measured(SessionId session, v1::BrokerFrame&& frame) {
  Outbox::Item item{std::make_unique<v1::BrokerFrame>(std::move(frame)), 0};
  item.frame->set_session(session);
  item.bytes = item.frame->ByteSizeLong();
  return item;
}

/// Moves the entries of one repeated field into frames of their own; `field` names it in a frame.
template <class Field>
void split(SessionId session, v1::BrokerFrame& frame, Field field, std::vector<Outbox::Item>& items) {
  for (auto& entry : *field(frame)) {
    v1::BrokerFrame alone;
    *field(alone)->Add() = std::move(entry);
    items.push_back(measured(session, std::move(alone)));
  }
  field(frame)->Clear();
}

}  // namespace

Outbox::Pushed Outbox::push(SessionId session, std::vector<Item>&& items) {
  std::size_t bytes = 0;
  for (const auto& item : items) bytes += item.bytes + kItemOverheadBytes;

  const std::lock_guard lock(mutex_);
  const auto lane = lanes_.find(session);
  if (lane == lanes_.end() || lane->second.bytes + bytes > limits_.session_bytes_max ||
      bytes_ + bytes > limits_.total_bytes_max)
    return Pushed::refused;
  const bool first = waiting_.empty();
  if (lane->second.items.empty()) waiting_.push_back(session);
  if (lane->second.items.empty()) {
    lane->second.items = std::move(items);
  } else {
    for (auto& item : items) lane->second.items.push_back(std::move(item));
  }
  lane->second.bytes += bytes;
  bytes_ += bytes;
  return first ? Pushed::queued_first : Pushed::queued;
}

void Outbox::open(SessionId session) {
  const std::lock_guard lock(mutex_);
  lanes_.try_emplace(session);
}

void Outbox::close(SessionId session) {
  Lane dropped;  // freed after the lock
  const std::lock_guard lock(mutex_);
  const auto lane = lanes_.find(session);
  if (lane == lanes_.end()) return;
  bytes_ -= lane->second.bytes;
  dropped = std::move(lane->second);
  lanes_.erase(lane);
}

std::vector<Outbox::Pending> Outbox::take() {
  std::vector<Pending> taken;
  const std::lock_guard lock(mutex_);
  taken.reserve(waiting_.size());
  for (const auto session : waiting_) {
    const auto lane = lanes_.find(session);
    if (lane == lanes_.end()) continue;
    taken.push_back({session, std::exchange(lane->second.items, {})});
    bytes_ -= std::exchange(lane->second.bytes, 0);
  }
  waiting_.clear();
  return taken;
}

std::vector<Outbox::Item> outbox_items(SessionId session, v1::BrokerFrame&& frame, std::size_t bytes_max) {
  std::vector<Outbox::Item> items;
  items.push_back(measured(session, std::move(frame)));
  if (items.front().bytes <= bytes_max) return items;

  auto whole = std::move(*items.front().frame);
  items.clear();
  split(
      session, whole, [](v1::BrokerFrame& f) { return f.mutable_receipts(); }, items);
  split(
      session, whole, [](v1::BrokerFrame& f) { return f.mutable_refusals(); }, items);
  split(
      session, whole, [](v1::BrokerFrame& f) { return f.mutable_deliveries(); }, items);
  split(
      session, whole, [](v1::BrokerFrame& f) { return f.mutable_answers(); }, items);
  if (whole.has_notice()) items.push_back(measured(session, std::move(whole)));
  return items;
}

}  // namespace relais::transport
