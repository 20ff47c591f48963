// One opened RocksDB with the families of a store: opening, checking what was recovered, closing.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "broker/base/result.h"
#include "broker/core/tables.h"
#include "broker/journal/acknowledged_mark.h"
#include "broker/journal/rocks_options.h"
#include "broker/journal/rocks_store.h"

namespace relais::journal {

/// The folder of a store: RocksDB in `db`, the mark and the reserve beside it.
struct StoreFolder {
  std::filesystem::path root;
  [[nodiscard]] std::filesystem::path database() const { return root / "db"; }
  [[nodiscard]] std::filesystem::path mark() const { return root / "acknowledged"; }
  [[nodiscard]] std::filesystem::path reserve() const { return root / "reserve"; }
};

base::Refusal io_failed(const std::filesystem::path& path, std::string why);

/// A failure of RocksDB as a refusal: journal.damaged, broker.disk_full or io.failed.
base::Refusal refusal_of(const rocksdb::Status& status, const std::filesystem::path& path);

/// The process that holds RocksDB's lock; 0 when none does. Never asked about a lock of our own process: closing the
/// file here would give that one up.
pid_t lock_holder(const std::filesystem::path& database);

/// Threads: any, as RocksDB; one writes.
class RocksDatabase {
 public:
  /// Opens for writing and makes the store when there is none. Refuses what RocksStore::open() refuses.
  static base::Result<std::unique_ptr<RocksDatabase>> open(const StoreFolder& folder, const RocksSettings& settings);
  static base::Result<std::unique_ptr<RocksDatabase>> open_read_only(const StoreFolder& folder);
  /// A backup where it lies: `env` shows it as the database `name`. `mark` is what it must hold at least.
  static base::Result<std::unique_ptr<RocksDatabase>> open_backup(const std::string& name,
                                                                  std::shared_ptr<rocksdb::Env> env,
                                                                  const Acknowledged& mark);

  ~RocksDatabase();
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return *db_; }
  /// Null in a store opened for reading that was made before this family was known.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* journal() const { return family(kJournalFamily); }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* payload() const { return family(kPayloadFamily); }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const { return family(kMetaFamily); }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* table(core::TableId table) const {
    return tables_[static_cast<std::size_t>(table)];
  }
  /// Writes the files of the payload family anew, and drops the log and the files that are no longer needed.
  [[nodiscard]] rocksdb::Status rewrite_payload() const;
  [[nodiscard]] const StoreIdentity& identity() const { return identity_; }
  /// As found when it was opened.
  [[nodiscard]] const ChainEnd& end() const { return end_; }

 private:
  enum class Access { write, read };

  RocksDatabase() = default;
  static base::Result<std::unique_ptr<RocksDatabase>> open_folder(const StoreFolder& folder,
                                                                  const RocksSettings& settings, Access access,
                                                                  LogEnd log_end);
  base::Status open_families(const std::set<std::string>& names, const RocksSettings& settings, Access access,
                             LogEnd log_end);
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::string_view name) const;
  base::Status read_identity();
  base::Status make_identity();
  base::Status find_end();
  base::Status check_against(const std::optional<Acknowledged>& mark) const;

  std::filesystem::path path_;
  std::shared_ptr<rocksdb::Env> env_;  // RocksDB's own where there is none
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // owned by db_, given back before it closes
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families_;
  std::array<rocksdb::ColumnFamilyHandle*, std::size(core::kTables)> tables_{};
  StoreIdentity identity_;
  ChainEnd end_;
};

}  // namespace relais::journal
