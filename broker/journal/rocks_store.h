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

namespace rocksdb {
class BackupEngine;
class Env;
}  // namespace rocksdb

namespace relais::journal {

struct Acknowledged;
struct Anchor;
struct Backup;
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

  /// A backup where it lies: see RocksDatabase::open_backup().
  static base::Result<std::unique_ptr<const RocksStore>> open_backup(const std::string& name,
                                                                     std::shared_ptr<rocksdb::Env> env,
                                                                     const Acknowledged& mark);

  ~RocksStore() override;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  base::Result<core::Position> append(const Batch& batch) override;
  [[nodiscard]] ChainEnd durable() const override;
  [[nodiscard]] std::optional<std::string> get(core::TableId table, std::string_view key) const override;
  [[nodiscard]] std::vector<std::optional<std::string>> get_many(core::TableId table,
                                                                 std::span<const std::string_view> keys) const override;
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

  /// From now on the chain is signed: a stretch of 256 records, or what came since the last signature once that is a
  /// second old, in the batch that ends it. Before the first append; `signer` outlives this object. What is already
  /// there and was never signed stays covered by the chain alone.
  void sign_with(const base::Signer& signer, std::string key_id);

  /// Rewrites the files of contents and drops the log behind them, so that no file holds a byte of what was erased; by
  /// itself that happens within a day. Any thread; appends go on. backup.running: while a backup is made the old files
  /// stay for it. broker.disk_full, io.failed; a purge that is under way when the device runs full is given up.
  base::Status purge_erased();

  /// Signs what is not signed yet; any thread. As append(); nothing to sign, or nobody to sign it, is no failure.
  base::Status sign_now();

  /// Signatures of stretches that end at `from` or later, ascending, until `visit` answers false.
  void anchors(core::Position from, const std::function<bool(const Anchor&)>& visit) const;

  /// Copies what is durable now into a folder of backups (made, 0700, when it is not there), while appends go on; any
  /// thread, returns when the copy is on the disk. What it shares with an earlier backup is not copied again.
  /// backup.running: one at a time, and none beside a purge. input.invalid (folder): it holds something else, or
  /// backups of another store. broker.disk_full, io.failed: a copy that was cut is not a backup, and the earlier ones
  /// are as they were.
  base::Result<Backup> back_up(const std::filesystem::path& folder);

  /// Ends a backup or a purge that is under way, which then answers io.failed; from now on none begins. Any thread.
  void stop_care();

 private:
  struct Writing;

  RocksStore(StoreFolder folder, std::unique_ptr<RocksDatabase> database);
  base::Result<core::Position> write(const Batch& batch, bool sign);
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

  std::mutex caring_;  // held while a backup is made, or a purge
  std::mutex backup_mutex_;
  int no_care_ = 0;                                // not 0: the store is opened anew, or the process ends
  std::unique_ptr<rocksdb::BackupEngine> backup_;  // while one is being made

  std::unique_ptr<SpaceReserve> space_;
  std::mutex appending_;              // the commit thread, and now and then who wants a signature
  std::unique_ptr<Writing> writing_;  // null in a store opened for reading
};

}  // namespace relais::journal
