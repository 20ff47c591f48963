#include "adapters/sdk/outbox.h"

#include <algorithm>

#include "broker/base/check.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;

template <class Row>
Row parse(std::string_view bytes) {
  Row row;
  base::check(row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), "a stored row parses");
  return row;
}

void raise(std::atomic<Sequence>& value, Sequence to) {
  auto now = value.load();
  while (now < to && !value.compare_exchange_weak(now, to)) {
  }
}

}  // namespace

Outbox::Outbox(Store& store, OutboxLimits limits, const base::Clock& clock)
    : store_(store), limits_(limits), clock_(clock) {
  store_.scan(Area::entries, {}, [&](std::string_view key, std::string_view value) {
    last_ = sequence_of(key);
    ++messages_;
    bytes_ += parse<v1::OutboxEntry>(value).bytes();
    return true;
  });
  // The refused area keeps the numbers of its submissions: none may be given a second time.
  store_.scan(Area::refused, {}, [&](std::string_view key, std::string_view) {
    last_ = std::max(last_, sequence_of(key));
    ++refused_;
    return true;
  });
  store_.scan(Area::unrouted, {}, [&](std::string_view, std::string_view) {
    ++unrouted_;
    return true;
  });
  written_ = last_;
  released_ = last_;
}

base::Status Outbox::has_room(std::uint64_t bytes) const {
  if (bytes_ + bytes > limits_.bytes_max)
    return base::refuse(RefusalCode::outbox_full, "outbox", {{"why", "outbox_bytes_max"}});
  if (store_.free_bytes() < limits_.disk_reserve_bytes + bytes)
    return base::refuse(RefusalCode::outbox_full, "outbox", {{"why", "disk_reserve_bytes"}});
  return base::Done{};
}

base::Status Outbox::append(Change change, std::vector<Sealed> sealed) {
  const std::lock_guard lock(append_mutex_);
  Sequence sequence = last_;
  std::uint64_t bytes = 0;
  std::uint64_t unrouted = 0;
  std::unordered_set<std::string> marked;
  for (auto& one : sealed) {
    const auto& id = one.entry.message_id();
    if (one.entry.repeatable()) {
      if (marked.contains(id) || was_submitted(id)) continue;
      marked.insert(id);
      v1::StoredMark mark;
      mark.set_at_ms(base::to_ms(clock_.now()));
      change.put(Area::submitted, id, mark.SerializeAsString());
    }
    bytes += one.submit.size();
    const auto key = sequence_key(++sequence);
    change.put(Area::entries, key, one.entry.SerializeAsString());
    if (one.unrouted) {
      change.put(Area::unrouted, key, {});
      ++unrouted;
    }
    change.put(Area::submits, key, std::move(one.submit));
  }
  if (change.empty()) return base::Done{};
  unrouted_ += unrouted;  // before the write: what is there must never be taken for ready
  if (auto said = store_.write(change); !said) {
    unrouted_ -= unrouted;
    return said;
  }
  messages_ += sequence - last_;
  bytes_ += bytes;
  last_ = sequence;
  raise(written_, sequence);
  return base::Done{};
}

base::Status Outbox::release() {
  const Sequence reached = written_;
  if (auto said = store_.sync(); !said) return said;
  raise(released_, reached);
  return base::Done{};
}

void Outbox::scan(Sequence after, const Visit& visit) const {
  const Sequence last = released_;
  if (after >= last) return;
  store_.scan(Area::entries, sequence_key(after + 1), [&](std::string_view key, std::string_view value) {
    const auto sequence = sequence_of(key);
    return sequence <= last && visit(sequence, parse<v1::OutboxEntry>(value));
  });
}

std::optional<std::string> Outbox::submit(Sequence sequence) const {
  return store_.get(Area::submits, sequence_key(sequence));
}

std::optional<v1::OutboxEntry> Outbox::entry(Sequence sequence) const {
  const auto bytes = store_.get(Area::entries, sequence_key(sequence));
  if (!bytes) return std::nullopt;
  return parse<v1::OutboxEntry>(*bytes);
}

bool Outbox::is_unrouted(Sequence sequence) const {
  return unrouted_ != 0 && store_.contains(Area::unrouted, sequence_key(sequence));
}

void Outbox::scan_unrouted(const VisitUnrouted& visit) const {
  const Sequence last = released_;
  store_.scan(Area::unrouted, {}, [&](std::string_view key, std::string_view) {
    const auto sequence = sequence_of(key);
    const auto kept = submit(sequence);
    return sequence <= last && kept && visit(sequence, *kept);
  });
}

base::Status Outbox::address(Change change, std::span<const std::pair<Sequence, std::string>> submits) {
  for (const auto& [sequence, submit] : submits) change.put(Area::submits, sequence_key(sequence), submit);
  if (change.empty()) return base::Done{};
  if (auto said = store_.write(change); !said) return said;
  return store_.sync();
}

base::Status Outbox::routed(std::span<const Sequence> sequences) {
  Change change;
  for (const auto sequence : sequences) change.erase(Area::unrouted, sequence_key(sequence));
  if (change.empty()) return base::Done{};
  if (auto said = store_.write(change); !said) return said;
  unrouted_ -= sequences.size();
  return base::Done{};
}

void Outbox::settle_unrouted(Change& change, Sequence sequence) {
  change.erase(Area::unrouted, sequence_key(sequence));
}

void Outbox::settle(Change& change, Sequence sequence) {
  const auto key = sequence_key(sequence);
  change.erase(Area::entries, key);
  change.erase(Area::submits, key);
}

void Outbox::refuse(Change& change, Sequence sequence, const v1::OutboxEntry& entry, const v1::Refused& refusal) const {
  v1::RefusedEntry kept;
  if (const auto stored = submit(sequence)) kept.set_envelope(parse<v1::Submit>(*stored).envelope());
  *kept.mutable_refusal() = refusal;
  kept.set_at_ms(base::to_ms(clock_.now()));
  settle(change, sequence);
  change.put(Area::refused, sequence_key(sequence), kept.SerializeAsString());
  // The broker does not have it: the same id may be tried again once the reason is gone.
  if (entry.repeatable()) change.erase(Area::submitted, entry.message_id());
}

void Outbox::forget(const v1::OutboxEntry& entry, bool refused) {
  --messages_;
  bytes_ -= entry.bytes();
  if (refused) ++refused_;
}

bool Outbox::was_submitted(std::string_view message_id) const { return store_.contains(Area::submitted, message_id); }

std::vector<RefusedMessage> Outbox::refused(std::size_t count) const {
  std::vector<RefusedMessage> all;
  store_.scan(Area::refused, {}, [&](std::string_view, std::string_view value) {
    auto kept = parse<v1::RefusedEntry>(value);
    RefusedMessage message;
    message.envelope = parse<v1::Envelope>(kept.envelope());
    message.message_id = base::MessageId::from_bytes(message.envelope.message_id()).value_or(base::MessageId());
    message.refusal = std::move(*kept.mutable_refusal());
    message.refused_at = base::from_ms(kept.at_ms());
    all.push_back(std::move(message));
    return all.size() < count;
  });
  return all;
}

base::Status Outbox::forget_refused(const base::MessageId& message) {
  Change change;
  store_.scan(Area::refused, {}, [&](std::string_view key, std::string_view value) {
    if (parse<v1::Envelope>(parse<v1::RefusedEntry>(value).envelope()).message_id() == message.bytes())
      change.erase(Area::refused, key);
    return true;
  });
  if (change.empty()) return base::refuse(RefusalCode::not_found, "message_id");
  if (auto said = store_.write(change); !said) return said;
  refused_ -= change.steps().size();
  return store_.sync();
}

std::optional<base::Instant> Outbox::oldest() const {
  std::optional<base::Instant> at;
  Sequence first = 0;
  store_.scan(Area::entries, sequence_key(oldest_from_), [&](std::string_view key, std::string_view value) {
    first = sequence_of(key);
    at = base::from_ms(parse<v1::OutboxEntry>(value).submitted_at_ms());
    return false;
  });
  if (at) raise(oldest_from_, first);
  return at;
}

}  // namespace relais::sdk
