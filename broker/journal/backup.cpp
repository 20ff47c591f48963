#include "broker/journal/backup.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/journal/backup_engine.h"
#include "broker/journal/chain.h"
#include "broker/journal/rocks_database.h"
#include "broker/journal/rocks_log.h"

namespace relais::journal {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;
using base::Result;

/// Copies leave the disk to the broker: this much in a second.
constexpr std::uint64_t kBytesPerSecond = 96u << 20;
constexpr std::string_view kNoteVersion = "relais-backup-1";

base::Refusal damaged_backup(std::uint32_t number, const fs::path& folder, std::string why) {
  return base::refuse(RefusalCode::backup_damaged, {},
                      {{"number", std::to_string(number)}, {"path", folder.string()}, {"why", std::move(why)}});
}

base::Refusal unknown(std::uint32_t number, const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> facts{{"path", folder.string()}};
  if (number != 0) facts.emplace_back("number", std::to_string(number));
  return base::refuse(RefusalCode::backup_unknown, {}, std::move(facts));
}

/// What went wrong with the store inside a backup, as a fault of the backup.
base::Refusal damaged_backup(std::uint32_t number, const fs::path& folder, const base::Refusal& why) {
  if (why.code != RefusalCode::journal_damaged) return why;
  return damaged_backup(number, folder, why.english());
}

rocksdb::BackupEngineOptions backup_options(const fs::path& folder) {
  static const auto log = rocks_log();
  rocksdb::BackupEngineOptions options(folder.string());
  options.info_log = log.get();  // errors, in our log; else a file of its own in the folder
  options.backup_rate_limit = kBytesPerSecond;
  return options;
}

Result<std::unique_ptr<rocksdb::BackupEngineReadOnly>> open_folder(const fs::path& folder) {
  std::error_code error;
  // RocksDB would make an empty one.
  if (!fs::is_directory(folder / "meta", error)) return io_failed(folder, "there are no backups here");
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const auto status = rocksdb::BackupEngineReadOnly::Open(backup_options(folder), rocksdb::Env::Default(), &engine);
  if (!status.ok()) return io_failed(folder, status.ToString());
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

/// The one asked for, with what opens it. `number` 0: the latest, even when that one is damaged: an older one is not
/// what was asked for.
Result<rocksdb::BackupInfo> find(const rocksdb::BackupEngineReadOnly& engine, const fs::path& folder,
                                 std::uint32_t number) {
  std::vector<rocksdb::BackupInfo> whole;
  std::vector<rocksdb::BackupID> damaged;
  engine.GetBackupInfo(&whole, true);
  engine.GetCorruptedBackups(&damaged);
  if (number == 0) {
    for (const auto& info : whole) number = std::max(number, info.backup_id);
    for (const auto id : damaged) number = std::max(number, id);
  }
  if (std::ranges::find(damaged, number) != damaged.end())
    return damaged_backup(number, folder, "its list of files can not be read, or files are missing");
  for (auto& info : whole)
    if (info.backup_id == number) return std::move(info);
  return unknown(number, folder);
}

Result<ChainEnd> verify_chain_of(const RocksStore& store) {
  if (auto files = store.verify_files(); !files) return files.refusal();
  return verify_chain(store);
}

Result<VerifiedBackup> verify(const rocksdb::BackupEngineReadOnly& engine, const rocksdb::BackupInfo& info,
                              const fs::path& folder) {
  const auto number = info.backup_id;
  const auto backup = backup_of(info);
  if (!backup) return damaged_backup(number, folder, "it is not a backup of a broker's store");
  if (const auto status = engine.VerifyBackup(number, true); !status.ok())
    return damaged_backup(number, folder, status.ToString());
  const auto store = RocksStore::open_backup(info.name_for_open, info.env_for_open, backup->mark);
  if (!store) return damaged_backup(number, folder, store.refusal());
  const auto end = verify_chain_of(**store);
  if (!end) return damaged_backup(number, folder, end.refusal());
  return VerifiedBackup{*backup, *end};
}

base::Status sync_path(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!synced) return io_failed(path, std::strerror(error));
  return base::Done{};
}

/// With those above it that are missing, each on the disk where it stands; for its owner alone.
base::Status make_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> missing;
  for (auto at = folder; !fs::exists(at, error) && at.has_relative_path(); at = at.parent_path()) missing.push_back(at);
  if (missing.empty()) return base::Done{};
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return io_failed(folder, error.message());
  for (const auto& made : missing)
    if (auto synced = sync_path(made.parent_path()); !synced) return synced;
  return base::Done{};
}

/// Every file below `folder`, and the folders themselves.
base::Status sync_tree(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error))
    if (auto done = sync_path(entry.path()); !done) return done;
  if (error) return io_failed(folder, error.message());
  return sync_path(folder);
}

/// Nothing, or a store in which nothing ever happened: that one is removed.
base::Status make_place(const fs::path& store) {
  const StoreFolder there{store};
  std::error_code error;
  if (const pid_t holder = lock_holder(there.database()); holder != 0)
    return base::refuse(RefusalCode::restore_in_use, {},
                        {{"path", store.string()}, {"process", std::to_string(holder)}});
  if (!fs::exists(store, error)) return base::Done{};
  const bool empty = fs::is_directory(store, error) && fs::is_empty(store, error);
  if (!empty) {
    const auto found = RocksStore::open_read_only(store);
    if (!found || (*found)->durable().position != 0)
      return base::refuse(RefusalCode::restore_not_empty, {}, {{"path", store.string()}});
  }
  fs::remove_all(store, error);
  if (error) return io_failed(store, error.message());
  return base::Done{};
}

}  // namespace

Result<std::unique_ptr<rocksdb::BackupEngine>> open_backups(const fs::path& folder, std::string_view store_id) {
  const auto invalid = [&](std::string why) {
    return base::refuse(RefusalCode::input_invalid, "folder", {{"path", folder.string()}, {"why", std::move(why)}});
  };
  if (!folder.is_absolute()) return invalid("the whole path is needed, from / on");
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder / "meta", error)) {
    if (!fs::is_directory(folder, error)) return invalid("this is not a folder");
    if (!fs::is_empty(folder, error)) return invalid("this folder holds something else than backups");
  }
  if (auto made = make_folder(folder); !made) return made.refusal();
  rocksdb::BackupEngine* opened = nullptr;
  const auto status = rocksdb::BackupEngine::Open(backup_options(folder), rocksdb::Env::Default(), &opened);
  if (!status.ok()) return io_failed(folder, status.ToString());
  std::unique_ptr<rocksdb::BackupEngine> engine(opened);
  std::vector<rocksdb::BackupInfo> whole;
  engine->GetBackupInfo(&whole);
  for (const auto& info : whole)
    if (const auto backup = backup_of(info); !backup || backup->store_id != store_id)
      return invalid("it holds backups of another broker");
  return engine;
}

Result<Backup> make_backup(rocksdb::BackupEngine& engine, rocksdb::DB& database, const std::string& note,
                           const fs::path& folder) {
  rocksdb::CreateBackupOptions options;
  options.decrease_background_thread_cpu_priority = true;
  options.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  rocksdb::BackupID number = 0;
  const auto made = engine.CreateNewBackupWithMetadata(options, &database, note, &number);
  if (!made.ok()) return refusal_of(made, folder);
  rocksdb::BackupInfo info;
  if (const auto status = engine.GetBackupInfo(number, &info); !status.ok()) return refusal_of(status, folder);
  auto backup = backup_of(info);
  base::check(backup.has_value(), "a backup tells what it was told");
  return *std::move(backup);
}

std::string encode_backup_note(const Acknowledged& mark, std::string_view store_id) {
  return std::string(kNoteVersion) + " " + base::hex(encode_mark(mark)) + " " + base::hex(store_id);
}

std::optional<Backup> backup_of(const rocksdb::BackupInfo& info) {
  const std::string_view note = info.app_metadata;
  const auto first = note.find(' ');
  const auto second = first == std::string_view::npos ? first : note.find(' ', first + 1);
  if (second == std::string_view::npos || note.substr(0, first) != kNoteVersion) return std::nullopt;
  const auto mark_bytes = base::unhex(note.substr(first + 1, second - first - 1));
  const auto id = base::unhex(note.substr(second + 1));
  const auto mark = mark_bytes ? decode_mark(*mark_bytes) : std::nullopt;
  if (!mark || !id) return std::nullopt;
  return Backup{info.backup_id, base::from_ms(info.timestamp * 1000), info.size, info.number_files, *mark, *id};
}

Result<Backups> list_backups(const fs::path& folder) {
  const auto engine = open_folder(folder);
  if (!engine) return engine.refusal();
  std::vector<rocksdb::BackupInfo> whole;
  Backups backups;
  (*engine)->GetBackupInfo(&whole);
  (*engine)->GetCorruptedBackups(&backups.damaged);
  for (const auto& info : whole) {
    if (auto backup = backup_of(info))
      backups.whole.push_back(*std::move(backup));
    else
      backups.damaged.push_back(info.backup_id);
  }
  std::ranges::sort(backups.whole, {}, &Backup::number);
  std::ranges::sort(backups.damaged);
  return backups;
}

Result<VerifiedBackup> verify_backup(const fs::path& folder, std::uint32_t number) {
  const auto engine = open_folder(folder);
  if (!engine) return engine.refusal();
  const auto info = find(**engine, folder, number);
  if (!info) return info.refusal();
  return verify(**engine, *info, folder);
}

Result<std::unique_ptr<const RocksStore>> open_backup(const fs::path& folder, std::uint32_t number) {
  const auto engine = open_folder(folder);
  if (!engine) return engine.refusal();
  const auto info = find(**engine, folder, number);
  if (!info) return info.refusal();
  const auto backup = backup_of(*info);
  if (!backup) return damaged_backup(info->backup_id, folder, "it is not a backup of a broker's store");
  auto store = RocksStore::open_backup(info->name_for_open, info->env_for_open, backup->mark);
  if (!store) return damaged_backup(info->backup_id, folder, store.refusal());
  return store;
}

Result<VerifiedBackup> restore_backup(const fs::path& folder, std::uint32_t number, const fs::path& store) {
  const auto engine = open_folder(folder);
  if (!engine) return engine.refusal();
  const auto info = find(**engine, folder, number);
  if (!info) return info.refusal();
  if (auto place = make_place(store); !place) return place.refusal();
  const auto verified = verify(**engine, *info, folder);
  if (!verified) return verified;

  // Beside its place first: a restore that is cut leaves nothing that a broker would open.
  const StoreFolder beside{store.string() + ".restoring"};
  std::error_code error;
  fs::remove_all(beside.root, error);
  if (!error) fs::create_directories(beside.database(), error);
  if (!error) fs::permissions(beside.root, fs::perms::owner_all, error);
  if (error) return io_failed(beside.root, error.message());
  const auto database = beside.database().string();
  const auto copied = (*engine)->RestoreDBFromBackup(info->backup_id, database, database);
  if (!copied.ok()) return refusal_of(copied, beside.root);
  {
    auto mark = AcknowledgedMark::open(beside.mark());
    if (!mark) return mark.refusal();
    mark->write(verified->backup.mark);
  }
  if (auto synced = sync_tree(beside.root); !synced) return synced.refusal();
  {
    const auto opened = RocksStore::open_read_only(beside.root);
    if (!opened) return damaged_backup(info->backup_id, folder, opened.refusal());
    const auto end = verify_chain_of(**opened);
    if (!end) return damaged_backup(info->backup_id, folder, end.refusal());
    if (end->hash != verified->end.hash) return damaged_backup(info->backup_id, folder, "the copy ends elsewhere");
  }
  fs::rename(beside.root, store, error);
  // A broker that was started meanwhile has made a store of its own.
  if (error) return base::refuse(RefusalCode::restore_not_empty, {}, {{"path", store.string()}});
  if (auto synced = sync_path(store.parent_path()); !synced) return synced.refusal();
  return verified;
}

}  // namespace relais::journal
