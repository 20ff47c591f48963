// The tables as the engine sees them: what the store holds, and over it what is decided but not yet durable.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/tables.h"
#include "broker/journal/batch.h"
#include "broker/journal/store.h"

namespace relais::journal {

/// A generation is one batch: begin() opens it, take_writes() closes it and hands its writes to the batch, and
/// committed() tells that the store holds it, so that its rows may be read from there again.
///
/// Threads: the engine thread. Ownership: refers to `store`, which outlives it.
class OverlayTables final : public core::Tables {
 public:
  /// `cache_rows_max`: rows of the store kept in memory, per table; only found rows are cached.
  OverlayTables(const Store& store, std::size_t cache_rows_max);
  ~OverlayTables() override;

  [[nodiscard]] std::optional<std::string> get(core::TableId table, std::string_view key) const override;
  void put(core::TableId table, std::string_view key, std::string value) override;
  void erase(core::TableId table, std::string_view key) override;
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override;

  /// The writes since the last call, coalesced to one for each key, and the generation they form.
  std::pair<std::uint64_t, std::vector<TableWrite>> take_writes();

  /// The store holds every generation up to this one.
  void committed(std::uint64_t generation);

 private:
  struct Table;
  const Store& store_;
  std::array<std::unique_ptr<Table>, std::size(core::kTables)> tables_;
  std::uint64_t generation_ = 1;
};

}  // namespace relais::journal
