// Every option of RocksDB that Relais sets, with its reason.
#pragma once

#include <string_view>

#include <rocksdb/options.h>

#include "broker/core/tables.h"
#include "broker/journal/rocks_settings.h"

namespace relais::journal {

inline constexpr std::string_view kJournalFamily = "journal";
inline constexpr std::string_view kPayloadFamily = "payload";
inline constexpr std::string_view kMetaFamily = "meta";

/// How the end of RocksDB's log is taken when a store is opened.
enum class LogEnd {
  must_be_whole,  // any tear or damage refuses the opening, and nothing is changed
  may_be_torn,    // what follows the first tear or damage is dropped
};

rocksdb::DBOptions database_options(const RocksSettings& settings, LogEnd log_end);

/// Options of each column family; `cache` is shared by all of them.
class FamilyOptions {
 public:
  explicit FamilyOptions(const RocksSettings& settings);
  /// A name that is not known (of a newer version of Relais) gets plain options.
  [[nodiscard]] rocksdb::ColumnFamilyOptions of(std::string_view family) const;

 private:
  [[nodiscard]] rocksdb::ColumnFamilyOptions plain() const;
  [[nodiscard]] rocksdb::ColumnFamilyOptions history() const;
  [[nodiscard]] rocksdb::ColumnFamilyOptions contents() const;
  [[nodiscard]] rocksdb::ColumnFamilyOptions looked_up() const;
  [[nodiscard]] rocksdb::ColumnFamilyOptions coming_and_going() const;

  const RocksSettings settings_;
  std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace relais::journal
