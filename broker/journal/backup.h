// Backups of a store: made beside the running broker, incremental, checked as a whole, restored in one step.
//
// A folder of backups is RocksDB's own (its BackupEngine): table files are shared between backups, so that a further
// one copies only what is new. Each backup knows where the chain of records stood when it was begun: it holds at least
// that. It holds no keys and no settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"
#include "broker/journal/acknowledged_mark.h"
#include "broker/journal/rocks_store.h"

namespace relais::journal {

struct Backup {
  std::uint32_t number = 0;  // from 1, in the order in which they were made
  base::Instant made{};
  std::uint64_t bytes = 0;  // of its files, shared ones included
  std::uint64_t files = 0;
  Acknowledged mark;     // what it holds at least
  std::string store_id;  // of the store it is a copy of
};

/// What lies in a folder of backups. `damaged`: numbers of those whose list of files can not be read or whose files are
/// missing; what was cut in the middle before it had a number is not among them.
struct Backups {
  std::vector<Backup> whole;  // ascending
  std::vector<std::uint32_t> damaged;
};

/// io.failed when there is no such folder, or it holds no backups.
base::Result<Backups> list_backups(const std::filesystem::path& folder);

/// Reads all of it: every file against its checksum, every record along the chain. `number` 0: the latest.
/// backup.unknown; backup.damaged (why).
struct VerifiedBackup {
  Backup backup;
  ChainEnd end;  // where its chain of records ends
};
base::Result<VerifiedBackup> verify_backup(const std::filesystem::path& folder, std::uint32_t number);

/// One backup where it lies, for reading. `number` 0: the latest. backup.unknown, backup.damaged.
base::Result<std::unique_ptr<const RocksStore>> open_backup(const std::filesystem::path& folder, std::uint32_t number);

/// Makes the store `store` out of a backup; verified before and after, and there as a whole or not at all.
/// restore.in_use: a broker runs there. restore.not_empty: there is a store that holds something already.
/// backup.unknown, backup.damaged, broker.disk_full, io.failed.
base::Result<VerifiedBackup> restore_backup(const std::filesystem::path& folder, std::uint32_t number,
                                            const std::filesystem::path& store);

}  // namespace relais::journal
