#include "broker/engine/message_cache.h"

#include <algorithm>

#include "broker/base/check.h"

namespace relais::engine {

std::size_t StoredMessage::bytes() const {
  std::size_t total = sizeof(StoredMessage) + envelope.size() + signature.size();
  for (const auto& compartment : compartments) total += compartment.size();
  return total;
}

std::vector<std::size_t> StoredMessage::compartments_for(std::string_view recipient) const {
  std::vector<std::size_t> indexes;
  if (one_recipient) {
    for (std::size_t i = 0; i < compartments.size(); ++i) indexes.push_back(i);
    return indexes;
  }
  v1::Envelope parsed;
  base::check(parsed.ParseFromString(envelope), "a stored envelope parses");
  for (int i = 0; i < parsed.compartments_size(); ++i) {
    const auto& meant_for = parsed.compartments(i).recipients();
    if (std::find(meant_for.begin(), meant_for.end(), recipient) != meant_for.end())
      indexes.push_back(static_cast<std::size_t>(i));
  }
  return indexes;
}

MessageCache::MessageCache(const journal::Store& store, std::size_t bytes_max) : store_(store), bytes_max_(bytes_max) {}

void MessageCache::put(core::MessageKey key, StoredMessage message, std::uint64_t generation) {
  fresh_.emplace(key, Fresh{std::make_shared<const StoredMessage>(std::move(message)), generation});
}

void MessageCache::forget(core::MessageKey key) {
  fresh_.erase(key);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return;
  kept_bytes_ -= found->second->bytes();
  kept_.erase(found);
}

void MessageCache::delivered(core::MessageKey key) {
  if (const auto found = kept_.find(key); found != kept_.end() && found->second->one_recipient) forget(key);
}

void MessageCache::committed(std::uint64_t generation) {
  while (!fresh_.empty() && fresh_.begin()->second.generation <= generation) {
    auto& [key, fresh] = *fresh_.begin();
    const auto bytes = fresh.message->bytes();
    // A full cache keeps what it has: the oldest are the next to be delivered, the others are read back later.
    if (kept_bytes_ + bytes <= bytes_max_) {
      kept_bytes_ += bytes;
      kept_.emplace(key, std::move(fresh.message));
    }
    fresh_.erase(fresh_.begin());
  }
}

std::shared_ptr<const StoredMessage> MessageCache::held(core::MessageKey key) const {
  if (const auto found = fresh_.find(key); found != fresh_.end()) return found->second.message;
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : found->second;
}

std::optional<v1::MessageAccepted> MessageCache::recorded(core::MessageKey key, std::int64_t& at_ms) const {
  const auto stored = store_.record(key.position);
  if (!stored) return std::nullopt;
  v1::Record record;
  base::check(record.ParseFromString(stored->bytes), "a stored record parses");
  at_ms = record.at_ms();
  for (auto& event : *record.mutable_events())
    if (event.has_message_accepted() && event.message_accepted().ordinal() == key.ordinal)
      return std::move(*event.mutable_message_accepted());
  return std::nullopt;
}

std::shared_ptr<const StoredMessage> MessageCache::get(core::MessageKey key) {
  if (auto message = held(key)) return message;
  auto message = std::make_shared<StoredMessage>();
  auto accepted = recorded(key, message->accepted_at_ms);
  if (!accepted) return nullptr;
  message->envelope = std::move(*accepted->mutable_envelope());
  message->signature = std::move(*accepted->mutable_signature());
  if (accepted->payload_bytes() != 0) message->compartments = store_.payload(key);
  return message;
}

std::optional<std::string> MessageCache::envelope(core::MessageKey key) const {
  if (const auto message = held(key)) return message->envelope;
  std::int64_t at_ms = 0;
  auto accepted = recorded(key, at_ms);
  if (!accepted) return std::nullopt;
  return std::move(*accepted->mutable_envelope());
}

}  // namespace relais::engine
