#include "broker/journal/overlay_tables.h"

#include <algorithm>

#include "broker/base/check.h"
#include "broker/journal/overlay_rows.h"

namespace relais::journal {

namespace {
/// Rows of a message are read again when it is acknowledged: with a few thousand on their way, the others of the table
/// have come and gone meanwhile.
constexpr std::size_t kOnTheirWay = 4;
}  // namespace

OverlayTables::OverlayTables(const Store& store, std::size_t cache_rows_max)
    : store_(store), cache_rows_max_(cache_rows_max) {
  for (auto& table : tables_) table = std::make_unique<OverlayRows>();
}

OverlayTables::~OverlayTables() = default;

OverlayRows& OverlayTables::of(core::TableId table) const { return *tables_[static_cast<std::size_t>(table)]; }

std::size_t OverlayTables::rows_max(core::TableId table) const {
  switch (table) {
    case core::TableId::messages:
    case core::TableId::queue:
    case core::TableId::lines:
      return kOnTheirWay * cache_rows_max_;
    case core::TableId::timers:
      return 0;  // scanned, never asked for by key
    default:
      return cache_rows_max_;
  }
}

std::optional<std::string_view> OverlayTables::look(core::TableId table, std::string_view key) const {
  auto& here = of(table);
  const SoughtKey sought(key);
  if (auto* const row = here.find(sought)) {
    row->used = true;
    if (!row->present) return std::nullopt;
    return row->value;
  }
  seen_ = store_.get(table, key);
  here.keep(sought, seen_, rows_max(table));
  return seen_;
}

void OverlayTables::look_ahead(core::TableId table, std::span<const std::string_view> keys) {
  auto& here = of(table);
  std::vector<std::string_view> unknown;
  for (const auto key : keys)
    if (here.find(SoughtKey(key)) == nullptr) unknown.push_back(key);
  std::ranges::sort(unknown);
  const auto repeated = std::ranges::unique(unknown);
  unknown.erase(repeated.begin(), repeated.end());
  const auto values = store_.get_many(table, unknown);
  for (std::size_t i = 0; i < unknown.size(); ++i) here.keep(SoughtKey(unknown[i]), values[i], rows_max(table));
}

void OverlayTables::put(core::TableId table, std::string_view key, std::string value) {
  write(table, key, true, std::move(value));
}

void OverlayTables::erase(core::TableId table, std::string_view key) { write(table, key, false, {}); }

void OverlayTables::write(core::TableId table, std::string_view key, bool present, std::string value) {
  auto& here = of(table);
  const SoughtKey sought(key);
  auto& row = here.pin(here.find(sought), sought, generation_);
  row.present = present;
  row.value = std::move(value);
}

void OverlayTables::scan(core::TableId table, std::string_view from, std::string_view to,
                         const core::Visit& visit) const {
  if (!to.empty() && to <= from) return;
  const auto& pinned = of(table).in_order();
  const auto at_least = [&](std::string_view key) {
    return std::ranges::lower_bound(pinned, key, {}, [](const OverlayRow* row) { return row->name(); });
  };
  auto next = at_least(from);
  const auto end = to.empty() ? pinned.end() : at_least(to);
  const auto show_next = [&] {
    const auto& row = **next++;
    return !row.present || visit(row.name(), row.value);
  };
  bool go_on = true;
  store_.scan(table, from, to, [&](std::string_view key, std::string_view value) {
    while (go_on && next != end && (*next)->name() < key) go_on = show_next();
    if (!go_on) return false;
    const bool is_pinned = next != end && (*next)->name() == key;
    go_on = is_pinned ? show_next() : visit(key, value);
    return go_on;
  });
  while (go_on && next != end) go_on = show_next();
}

std::pair<std::uint64_t, std::vector<TableWrite>> OverlayTables::take_writes() {
  std::size_t count = 0;
  for (const auto& table : tables_) count += table->open().size();
  std::vector<TableWrite> writes;
  writes.reserve(count);
  for (const auto id : core::kTables) {
    auto& table = of(id);
    for (const auto* row : table.open()) {
      auto& taken = writes.emplace_back(TableWrite{id, std::string(row->name()), std::nullopt});
      if (row->present) taken.value = row->value;
    }
    table.close(generation_);
  }
  return {generation_++, std::move(writes)};
}

void OverlayTables::committed(std::uint64_t generation) {
  base::check(generation < generation_, "a committed generation was taken before");
  for (const auto id : core::kTables) of(id).committed(generation, rows_max(id));
}

}  // namespace relais::journal
