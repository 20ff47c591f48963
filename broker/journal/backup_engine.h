// RocksDB's BackupEngine with what Relais wants of it. Only inside this folder.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/utilities/backup_engine.h>

#include "broker/journal/backup.h"

namespace relais::journal {

/// To write to; the folder is made when it is not there. input.invalid (folder) when it holds anything but backups of
/// the store `store_id`.
base::Result<std::unique_ptr<rocksdb::BackupEngine>> open_backups(const std::filesystem::path& folder,
                                                                  std::string_view store_id);

/// One more backup. broker.disk_full, io.failed.
base::Result<Backup> make_backup(rocksdb::BackupEngine& engine, rocksdb::DB& database, const std::string& note,
                                 const std::filesystem::path& folder);

/// What a backup remembers of the store it copies.
std::string encode_backup_note(const Acknowledged& mark, std::string_view store_id);

/// Empty when RocksDB's description is not that of a backup of ours.
std::optional<Backup> backup_of(const rocksdb::BackupInfo& info);

}  // namespace relais::journal
