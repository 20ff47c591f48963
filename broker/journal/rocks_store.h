// The store of a broker in production: one RocksDB, one synced batch for each append.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/journal/rocks_settings.h"
#include "broker/journal/store.h"

namespace relais::journal {

class RocksDatabase;
class SpaceReserve;
struct StoreFolder;

/// Who a store is; drawn when it is made.
struct StoreIdentity {
  std::uint32_t format = 0;
  std::string id;  // 16 random bytes
  base::Instant created{};
};

/// Threads and contract: see Store. The folder belongs to one process at a time.
class RocksStore final : public Store {
 public:
  /// Opens the store in `folder`, or makes it (0700) when there is none.
  /// journal.version: a later release wrote it. journal.damaged: something acknowledged is missing or unreadable;
  /// nothing was changed. io.failed: another process holds it, or the folder can not be used. broker.disk_full.
  static base::Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& folder,
                                                        const RocksSettings& settings = {});

  /// Opens a store that no process holds, and changes nothing in it. Refuses as open() does.
  static base::Result<std::unique_ptr<const RocksStore>> open_read_only(const std::filesystem::path& folder);

  ~RocksStore() override;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  base::Result<core::Position> append(const Batch& batch) override;
  [[nodiscard]] ChainEnd durable() const override;
  [[nodiscard]] std::optional<std::string> get(core::TableId table, std::string_view key) const override;
  void scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const override;
  [[nodiscard]] std::vector<std::string> payload(core::MessageKey key) const override;
  base::Result<ChainEnd> replay(core::Position from, const RecordVisit& visit) const override;
  [[nodiscard]] std::optional<StoredRecord> record(core::Position position) const override;
  /// Not counting what the reserve is still to take back: 0 long before the device is full for acknowledgements.
  [[nodiscard]] std::uint64_t free_bytes() const override;

  [[nodiscard]] const StoreIdentity& identity() const { return identity_; }

  /// Reads every table file and compares it with its checksum; verify_chain() reads the records.
  /// journal.damaged (why: which file), io.failed.
  [[nodiscard]] base::Status verify_files() const;

 private:
  struct Writing;

  RocksStore(StoreFolder folder, std::unique_ptr<RocksDatabase> database);
  base::Result<core::Position> after_no_space(const ChainEnd& after, std::uint64_t sequence_after);
  void acknowledge(const ChainEnd& end);
  [[nodiscard]] const RocksDatabase& database() const;

  const std::unique_ptr<const StoreFolder> folder_;
  const StoreIdentity identity_;
  RocksSettings settings_;

  // Held shared by readers, and alone only while a store that ran out of space is opened anew. A visitor may read, so
  // one thread may hold it shared twice: glibc lets readers pass a waiting writer, which makes that safe.
  mutable std::shared_mutex opening_;
  std::unique_ptr<RocksDatabase> database_;

  mutable std::mutex end_mutex_;
  ChainEnd end_;

  std::unique_ptr<SpaceReserve> space_;
  std::unique_ptr<Writing> writing_;  // null in a store opened for reading
};

}  // namespace relais::journal
