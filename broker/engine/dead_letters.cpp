#include "broker/engine/dead_letters.h"

#include <algorithm>

#include "broker/core/keys.h"
#include "broker/engine/durable_rows.h"

namespace relais::engine {

namespace {

using core::State;
using core::TableId;

std::string kind_of(const journal::Store& store, const v1::DeadLetterRow& row) {
  const auto message = find_row<v1::MessageRow>(store, TableId::messages, row.entry().message_id());
  return message ? kind_name(message->kind()) : std::string();
}

bool fits(const DeadLetterFilter& filter, const v1::DeadLetterRow& row) {
  if (!filter.reason.empty() && row.reason() != filter.reason) return false;
  if (!filter.sender.empty() && row.sender() != filter.sender) return false;
  return !filter.until || row.at_ms() <= base::to_ms(*filter.until);
}

/// Calls visit(key, row) for each letter from `from` on, until it answers false or the limits are reached. Answers the
/// key that was not looked at any more; empty at the end.
template <class VisitLetter>
std::string walk(const journal::Store& store, std::string_view recipient, std::string_view from, WalkLimits limits,
                 const VisitLetter& visit) {
  const auto begin = recipient.empty() ? std::string() : core::keys::institution(recipient);
  const auto end = recipient.empty() ? std::string() : core::keys::end_of(begin);
  return walk_rows(
      store, TableId::dead_letters, std::max(std::string_view(begin), from), end, limits,
      [&](std::string_view key, std::string_view value) { return visit(key, State::parse<v1::DeadLetterRow>(value)); });
}

}  // namespace

DeadLetterPage DeadLetters::page(const DeadLetterFilter& filter, std::string_view from, std::size_t most,
                                 WalkLimits limits) const {
  DeadLetterPage page;
  page.next = walk(store_, filter.recipient, from, limits, [&](std::string_view key, v1::DeadLetterRow&& row) {
    if (!fits(filter, row)) return true;
    auto kind = kind_of(store_, row);
    if (!filter.kind.empty() && kind != filter.kind) return true;
    if (page.letters.size() >= most) return false;
    page.letters.push_back({std::string(core::keys::institution_at_start(key)), core::keys::message_at_end(key),
                            std::move(row), std::move(kind)});
    return true;
  });
  return page;
}

DeadLetterTally DeadLetters::tally(const DeadLetterFilter& filter, WalkLimits limits) const {
  DeadLetterTally tally;
  const auto rest = walk(store_, {}, {}, limits, [&](std::string_view key, v1::DeadLetterRow&& row) {
    const auto recipient = core::keys::institution_at_start(key);
    if ((!filter.recipient.empty() && recipient != filter.recipient) || !fits(filter, row) ||
        (!filter.kind.empty() && kind_of(store_, row) != filter.kind)) {
      ++tally.others;
      return true;
    }
    ++tally.matching;
    auto& group = tally.groups[{std::string(recipient), row.reason()}];
    ++group.count;
    group.exercise += row.exercise();
    group.oldest_ms = group.oldest_ms == 0 ? row.at_ms() : std::min(group.oldest_ms, row.at_ms());
    return true;
  });
  tally.complete = rest.empty();
  return tally;
}

}  // namespace relais::engine
