// The tables as the engine sees them: what the store holds, and over it what is decided but not yet durable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/tables.h"
#include "broker/journal/batch.h"
#include "broker/journal/store.h"

namespace relais::journal {

class OverlayRows;

/// A generation is one batch: its writes gather until take_writes() closes it and hands them to the batch, and
/// committed() tells that the store holds it, so that its rows may be read from there again.
///
/// No row is ever stale. A row written in a generation that is not committed is pinned here, and what the store says
/// about its key is not looked at: it may show the row before or after the append that is under way. A row read from
/// the store is therefore one that no open generation touches, and stays right until a put() or erase() passes through
/// here. This holds as long as all writes come through this object and committed() follows the append() it stands for.
/// After a refused append (broker.disk_full) the same batch is appended again: its rows stay pinned meanwhile.
///
/// Threads: the engine thread. Ownership: refers to `store`, which outlives it.
class OverlayTables final : public core::Tables {
 public:
  /// `cache_rows_max`: rows of the store kept in memory, per table; that there is none is kept like a row. Tables of
  /// what is on its way keep four times as many. Pinned rows come on top.
  OverlayTables(const Store& store, std::size_t cache_rows_max);
  ~OverlayTables() override;
  OverlayTables(const OverlayTables&) = delete;
  OverlayTables& operator=(const OverlayTables&) = delete;

  [[nodiscard]] std::optional<std::string_view> look(core::TableId table, std::string_view key) const override;
  /// Reads what will be asked for soon, all at once. Changes no answer.
  void look_ahead(core::TableId table, std::span<const std::string_view> keys);
  void put(core::TableId table, std::string_view key, std::string value) override;
  void erase(core::TableId table, std::string_view key) override;
  /// `visit` may read any table and write to others than the scanned one.
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override;

  /// The writes since the last call, coalesced to one for each key, and the generation they form. Numbers start at 1.
  std::pair<std::uint64_t, std::vector<TableWrite>> take_writes();

  /// The store holds every generation up to this one, which was taken.
  void committed(std::uint64_t generation);

 private:
  [[nodiscard]] OverlayRows& of(core::TableId table) const;
  void write(core::TableId table, std::string_view key, bool present, std::string value);

  [[nodiscard]] std::size_t rows_max(core::TableId table) const;

  const Store& store_;
  const std::size_t cache_rows_max_;
  std::array<std::unique_ptr<OverlayRows>, std::size(core::kTables)> tables_;
  mutable std::optional<std::string> seen_;  // what look() shows when the row is not kept
  std::uint64_t generation_ = 1;             // the open one
};

}  // namespace relais::journal
