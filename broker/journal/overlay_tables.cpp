#include "broker/journal/overlay_tables.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include <absl/container/node_hash_map.h>

#include "broker/base/check.h"

namespace relais::journal {

namespace {

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

constexpr std::uint64_t kClean = 0;  // the generation of a row that the store holds as it is here

struct Row {
  std::string value;
  std::uint64_t generation = kClean;
  std::size_t slot = 0;  // in the ring, while clean
  bool present = true;   // false: erased, and the store may still hold it
  bool used = false;     // since the hand of the clock passed
};

using Rows = absl::node_hash_map<std::string, Row, KeyHash, std::equal_to<>>;
using Node = Rows::value_type;  // nodes never move: lists and the ring point to them

}  // namespace

/// Clean rows stand in a ring and are evicted by a clock (second chance); pinned ones are in one list for each
/// generation that wrote them, and, once the table was ever scanned, in an ordered index.
struct OverlayTables::Table {
  Rows rows;
  std::vector<Node*> ring;
  std::size_t hand = 0;
  std::vector<Node*> open;
  std::deque<std::pair<std::uint64_t, std::vector<Node*>>> taken;
  std::map<std::string_view, const Node*> pinned;
  bool scanned = false;

  void forget(Node& node) { rows.erase(rows.find(std::string_view(node.first))); }

  void leave_ring(const Row& row) {
    Node* const last = ring.back();
    ring[row.slot] = last;
    last->second.slot = row.slot;
    ring.pop_back();
    if (hand >= ring.size()) hand = 0;
  }

  /// The row is as the store has it; the least used one makes room for it.
  void join_ring(Node& node, std::size_t rows_max) {
    node.second.generation = kClean;
    node.second.used = false;
    if (rows_max == 0) return forget(node);
    if (ring.size() < rows_max) {
      node.second.slot = ring.size();
      ring.push_back(&node);
      return;
    }
    while (ring[hand]->second.used) {
      ring[hand]->second.used = false;
      hand = (hand + 1) % ring.size();
    }
    forget(*ring[hand]);
    ring[hand] = &node;
    node.second.slot = hand;
    hand = (hand + 1) % ring.size();
  }

  void start_index() {
    scanned = true;
    for (const auto& node : rows)
      if (node.second.generation != kClean) pinned.emplace(node.first, &node);
  }

  void unpin(Node& node, std::size_t rows_max) {
    if (scanned) pinned.erase(node.first);
    if (node.second.present)
      join_ring(node, rows_max);
    else
      forget(node);
  }
};

OverlayTables::OverlayTables(const Store& store, std::size_t cache_rows_max)
    : store_(store), cache_rows_max_(cache_rows_max) {
  for (auto& table : tables_) table = std::make_unique<Table>();
}

OverlayTables::~OverlayTables() = default;

OverlayTables::Table& OverlayTables::of(core::TableId table) const { return *tables_[static_cast<std::size_t>(table)]; }

std::optional<std::string> OverlayTables::get(core::TableId table, std::string_view key) const {
  Table& here = of(table);
  if (const auto found = here.rows.find(key); found != here.rows.end()) {
    Row& row = found->second;
    row.used = true;
    if (!row.present) return std::nullopt;
    return row.value;
  }
  if (is_absent(table, key)) return std::nullopt;
  auto value = store_.get(table, key);
  if (!value) note_absent(table, key);
  if (value && cache_rows_max_ != 0) {
    Node& node = *here.rows.emplace(std::string(key), Row{}).first;
    node.second.value = *value;
    here.join_ring(node, cache_rows_max_);
  }
  return value;
}

bool OverlayTables::is_absent(core::TableId table, std::string_view key) const {
  return std::ranges::any_of(absent_, [&](const Absent& one) { return one.table == table && one.key == key; });
}

void OverlayTables::note_absent(core::TableId table, std::string_view key) const {
  auto& one = absent_[next_absent_++ % kAbsentMost];
  one.table = table;
  one.key.assign(key);
}

void OverlayTables::put(core::TableId table, std::string_view key, std::string value) {
  write(table, key, true, std::move(value));
}

void OverlayTables::erase(core::TableId table, std::string_view key) { write(table, key, false, {}); }

void OverlayTables::write(core::TableId table, std::string_view key, bool present, std::string value) {
  Table& here = of(table);
  auto found = here.rows.find(key);
  const bool known = found != here.rows.end();
  if (!known) {
    found = here.rows.emplace(std::string(key), Row{}).first;
    for (auto& one : absent_)
      if (one.table == table && one.key == key) one.key.clear();
  }
  Node& node = *found;
  Row& row = node.second;
  if (row.generation == kClean) {
    if (known) here.leave_ring(row);
    if (here.scanned) here.pinned.emplace(node.first, &node);
  }
  if (row.generation != generation_) {
    row.generation = generation_;
    here.open.push_back(&node);
  }
  row.present = present;
  row.value = std::move(value);
}

void OverlayTables::scan(core::TableId table, std::string_view from, std::string_view to,
                         const core::Visit& visit) const {
  if (!to.empty() && to <= from) return;
  Table& here = of(table);
  if (!here.scanned) here.start_index();
  auto next = here.pinned.lower_bound(from);
  const auto end = to.empty() ? here.pinned.end() : here.pinned.lower_bound(to);
  const auto show_next = [&] {
    const Node& node = *(next++)->second;
    return !node.second.present || visit(node.first, node.second.value);
  };
  bool go_on = true;
  store_.scan(table, from, to, [&](std::string_view key, std::string_view value) {
    while (go_on && next != end && next->first < key) go_on = show_next();
    if (!go_on) return false;
    const bool is_pinned = next != end && next->first == key;
    go_on = is_pinned ? show_next() : visit(key, value);
    return go_on;
  });
  while (go_on && next != end) go_on = show_next();
}

std::pair<std::uint64_t, std::vector<TableWrite>> OverlayTables::take_writes() {
  std::size_t count = 0;
  for (const auto& table : tables_) count += table->open.size();
  std::vector<TableWrite> writes;
  writes.reserve(count);
  for (const auto id : core::kTables) {
    Table& table = of(id);
    if (table.open.empty()) continue;
    for (const Node* node : table.open) {
      TableWrite& taken = writes.emplace_back(TableWrite{id, node->first, std::nullopt});
      if (node->second.present) taken.value = node->second.value;
    }
    table.taken.emplace_back(generation_, std::move(table.open));
    table.open.clear();
  }
  return {generation_++, std::move(writes)};
}

void OverlayTables::committed(std::uint64_t generation) {
  base::check(generation < generation_, "a committed generation was taken before");
  for (const auto& table : tables_) {
    while (!table->taken.empty() && table->taken.front().first <= generation) {
      const auto [taken, nodes] = std::move(table->taken.front());
      table->taken.pop_front();
      for (Node* node : nodes)
        if (node->second.generation == taken) table->unpin(*node, cache_rows_max_);  // else a later one wrote it again
    }
  }
}

}  // namespace relais::journal
