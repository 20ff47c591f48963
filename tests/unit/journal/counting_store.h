#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/journal/memory_store.h"
#include "broker/journal/overlay_tables.h"

namespace relais::journal {

/// Counts what reaches the store behind the overlay.
class CountingStore final : public Store {
 public:
  base::Result<core::Position> append(const Batch& batch) override { return store_.append(batch); }
  [[nodiscard]] ChainEnd durable() const override { return store_.durable(); }
  [[nodiscard]] std::optional<std::string> get(core::TableId table, std::string_view key) const override {
    ++gets;
    return store_.get(table, key);
  }
  [[nodiscard]] std::vector<std::optional<std::string>> get_many(
      core::TableId table, std::span<const std::string_view> keys) const override {
    ++many;
    return store_.get_many(table, keys);
  }
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override {
    store_.scan(table, from, to, visit);
  }
  [[nodiscard]] std::vector<std::string> payload(core::MessageKey key) const override { return store_.payload(key); }
  base::Result<ChainEnd> replay(core::Position from, const RecordVisit& visit) const override {
    return store_.replay(from, visit);
  }
  [[nodiscard]] std::optional<StoredRecord> record(core::Position position) const override {
    return store_.record(position);
  }
  [[nodiscard]] std::uint64_t free_bytes() const override { return store_.free_bytes(); }

  mutable std::atomic<int> gets = 0;
  mutable std::atomic<int> many = 0;

 private:
  MemoryStore store_;
};

inline void commit(Store& store, OverlayTables& tables) {
  auto [generation, writes] = tables.take_writes();
  Batch batch;
  batch.writes = std::move(writes);
  ASSERT_TRUE(store.append(batch).ok());
  tables.committed(generation);
}

}  // namespace relais::journal
