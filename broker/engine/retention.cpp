#include "broker/engine/retention.h"

#include "broker/engine/durable_rows.h"

namespace relais::engine {

namespace {

using core::TableId;

constexpr std::size_t kMessageKeyBytes = 12;

void add(KeptSum& sum, std::uint64_t bytes) {
  ++sum.messages;
  sum.bytes += bytes;
}

}  // namespace

RetentionTally Retention::tally(base::Instant now, std::size_t next_most, WalkLimits limits) const {
  RetentionTally tally;
  const auto rest = walk_rows(store_, TableId::timers, {}, {}, limits, [&](std::string_view key, std::string_view) {
    const auto timer = core::keys::read_timer(key);
    if (timer.kind != core::keys::Timer::erase_payload) return true;
    auto message_id = timer.subject.substr(kMessageKeyBytes);
    const auto row = find_row<v1::MessageRow>(store_, TableId::messages, message_id);
    if (!row || row->payload_bytes() == 0) return true;  // erased before its day, on the person's request
    add(tally.kept, row->payload_bytes());
    if (timer.due <= now + std::chrono::days(1)) add(tally.within_day, row->payload_bytes());
    if (timer.due <= now + std::chrono::days(7)) add(tally.within_week, row->payload_bytes());
    if (tally.next.size() < next_most) tally.next.push_back({std::move(message_id), row->payload_bytes(), timer.due});
    return true;
  });
  tally.complete = rest.empty();
  return tally;
}

}  // namespace relais::engine
