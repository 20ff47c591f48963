// A store in memory, for tests and simulation: the contract of Store, and the faults of a disk on demand.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "broker/journal/store.h"

namespace relais::journal {

/// What happens to the next append().
enum class AppendFault {
  disk_full,       // broker.disk_full once; the store goes on
  io_failed,       // io.failed; the store refuses from then on, and a crash loses the batch
  io_failed_kept,  // io.failed; the store refuses from then on, but the batch reached the disk: a crash reveals it
};

/// "Durable" is what outlives this object through after_crash(); every append that succeeds is.
/// Threads: as Store; the faults are set by the thread that appends, or while nobody does.
class MemoryStore final : public Store {
 public:
  MemoryStore() = default;

  base::Result<core::Position> append(const Batch& batch) override;
  [[nodiscard]] ChainEnd durable() const override;
  [[nodiscard]] std::optional<std::string> get(core::TableId table, std::string_view key) const override;
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override;
  [[nodiscard]] std::vector<std::string> payload(core::MessageKey key) const override;
  base::Result<ChainEnd> replay(core::Position from, const RecordVisit& visit) const override;
  [[nodiscard]] std::optional<StoredRecord> record(core::Position position) const override;
  [[nodiscard]] std::uint64_t free_bytes() const override;

  void fail_next_append(AppendFault fault);
  void set_free_bytes(std::uint64_t bytes);
  /// Flips one bit of a record that is there.
  void damage_record(core::Position position);

  /// What a process that starts after a crash of this one finds. Faults that were set are not part of it.
  [[nodiscard]] std::unique_ptr<MemoryStore> after_crash() const;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;

  /// All that a disk would hold.
  struct Content {
    std::vector<StoredRecord> records;
    std::map<core::MessageKey, std::vector<std::string>> payloads;
    std::array<Rows, std::size(core::kTables)> tables;

    [[nodiscard]] ChainEnd end() const;
    void apply(const Batch& batch);
  };

  // Recursive, because a visitor may read the store that shows it a row.
  mutable std::recursive_mutex mutex_;
  Content content_;
  std::uint64_t free_bytes_ = std::uint64_t{1} << 40;
  std::optional<AppendFault> fault_;
  std::optional<Batch> revealed_by_crash_;
  bool refuses_ = false;
};

}  // namespace relais::journal
