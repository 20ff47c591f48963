#include "broker/journal/overlay_rows.h"

#include <algorithm>

namespace relais::journal {

OverlayRow* OverlayRows::find(const SoughtKey& sought) const {
  const auto found = rows_.find(sought);
  return found == rows_.end() ? nullptr : *found;
}

OverlayRow& OverlayRows::make(const SoughtKey& sought) {
  OverlayRow* row = nullptr;
  if (unused_.empty()) {
    row = &made_.emplace_back();
  } else {
    row = unused_.back();
    unused_.pop_back();
  }
  row->hash = sought.hash;
  row->key.assign(sought.key.begin(), sought.key.end());
  rows_.insert(row);
  return *row;
}

void OverlayRows::forget(OverlayRow& row) {
  rows_.erase(&row);
  row.value = {};
  row.generation = kClean;
  unused_.push_back(&row);
}

void OverlayRows::keep(const SoughtKey& sought, const std::optional<std::string>& value, std::size_t rows_max) {
  if (rows_max == 0) return;
  auto& row = make(sought);
  row.present = value.has_value();
  if (value) row.value = *value;
  join_ring(row, rows_max);
}

OverlayRow& OverlayRows::pin(OverlayRow* known, const SoughtKey& sought, std::uint64_t generation) {
  auto& row = known != nullptr ? *known : make(sought);
  if (row.generation == kClean) {
    if (known != nullptr) leave_ring(row);
    if (has_order_) not_ordered_yet_.push_back(&row);
  }
  if (row.generation != generation) {
    row.generation = generation;
    open_.push_back(&row);
  }
  return row;
}

void OverlayRows::close(std::uint64_t generation) {
  if (open_.empty()) return;
  closed_.emplace_back(generation, std::move(open_));
  open_.clear();
}

void OverlayRows::committed(std::uint64_t generation, std::size_t rows_max) {
  while (!closed_.empty() && closed_.front().first <= generation) {
    has_order_ = false;
    const auto [closed, rows] = std::move(closed_.front());
    closed_.pop_front();
    for (auto* row : rows) {
      if (row->generation != closed) continue;  // a later one wrote it again
      if (row->present)
        join_ring(*row, rows_max);
      else
        forget(*row);
    }
  }
}

/// The row is as the store has it; the least used one makes room for it.
void OverlayRows::join_ring(OverlayRow& row, std::size_t rows_max) {
  row.generation = kClean;
  row.used = false;
  if (rows_max == 0) return forget(row);
  if (ring_.size() < rows_max) {
    row.slot = ring_.size();
    ring_.push_back(&row);
    return;
  }
  while (ring_[hand_]->used) {
    ring_[hand_]->used = false;
    hand_ = (hand_ + 1) % ring_.size();
  }
  forget(*ring_[hand_]);
  ring_[hand_] = &row;
  row.slot = hand_;
  hand_ = (hand_ + 1) % ring_.size();
}

void OverlayRows::leave_ring(const OverlayRow& row) {
  auto* const last = ring_.back();
  ring_[row.slot] = last;
  last->slot = row.slot;
  ring_.pop_back();
  if (hand_ >= ring_.size()) hand_ = 0;
}

const std::vector<const OverlayRow*>& OverlayRows::in_order() {
  const auto by_name = [](const OverlayRow* a, const OverlayRow* b) { return a->name() < b->name(); };
  if (!has_order_) {
    ordered_.clear();
    not_ordered_yet_.clear();
    const auto add = [&](std::uint64_t generation, const std::vector<OverlayRow*>& rows) {
      for (const auto* row : rows)
        if (row->generation == generation) ordered_.push_back(row);
    };
    for (const auto& [generation, rows] : closed_) add(generation, rows);
    ordered_.insert(ordered_.end(), open_.begin(), open_.end());
    std::ranges::sort(ordered_, by_name);
    has_order_ = true;
  }
  for (const auto* row : not_ordered_yet_) ordered_.insert(std::ranges::upper_bound(ordered_, row, by_name), row);
  not_ordered_yet_.clear();
  return ordered_;
}

}  // namespace relais::journal
