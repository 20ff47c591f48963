#include "adapters/sdk/outbox_lines.h"

#include <utility>

namespace relais::sdk {

void OutboxLines::add(LineEntry entry) {
  const auto [line, first] = behind_.try_emplace(entry.case_id);
  if (!first) {
    line->second.push(entry.sequence);
    return;
  }
  ready_.insert(entry.sequence);
  heads_.emplace(entry.sequence, std::move(entry.case_id));
}

std::optional<Sequence> OutboxLines::next() {
  if (ready_.empty()) return std::nullopt;
  return ready_.extract(ready_.begin()).value();
}

void OutboxLines::settled(Sequence sequence) {
  auto head = heads_.extract(sequence);
  if (head.empty()) return;
  ready_.erase(sequence);
  const auto line = behind_.find(head.mapped());
  if (line->second.empty()) {
    behind_.erase(line);
    return;
  }
  const Sequence next = line->second.front();
  line->second.pop();
  ready_.insert(next);
  heads_.emplace(next, std::move(head.mapped()));
}

void OutboxLines::again(Sequence sequence) {
  if (heads_.contains(sequence)) ready_.insert(sequence);
}

void OutboxLines::all_again() {
  for (const auto& [sequence, parcours] : heads_) ready_.insert(sequence);
}

}  // namespace relais::sdk
