#include "broker/journal/rocks_database.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"
#include "broker/journal/chain.h"
#include "broker/journal/log_file_system.h"
#include "broker/journal/record_codec.h"

namespace relais::journal {

namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kFormatRow = "format";
constexpr std::string_view kIdRow = "id";
constexpr std::string_view kCreatedRow = "created_ms";

base::Refusal damaged_store(std::string why) {
  return base::refuse(base::RefusalCode::journal_damaged, {}, {{"why", std::move(why)}});
}

base::Refusal in_use(const std::filesystem::path& database, pid_t holder) {
  return io_failed(database, "the store is in use by process " + std::to_string(holder));
}

/// Names of the families on disk; only RocksDB's own when there is no store yet.
base::Result<std::set<std::string>> families_on_disk(const StoreFolder& folder) {
  const auto database = folder.database();
  std::error_code error;
  if (!std::filesystem::exists(database / "CURRENT", error)) {
    // RocksDB would make an empty store in the place of one whose first file is gone.
    if (AcknowledgedMark::read(folder.mark())) return damaged_store("the file CURRENT is missing");
    return std::set<std::string>{rocksdb::kDefaultColumnFamilyName};
  }
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), database.string(), &names);
  if (!status.ok()) return refusal_of(status, database);
  return std::set<std::string>(names.begin(), names.end());
}

}  // namespace

base::Refusal io_failed(const std::filesystem::path& path, std::string why) {
  return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::move(why)}});
}

pid_t lock_holder(const std::filesystem::path& database) {
  const int file = ::open((database / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return held ? lock.l_pid : 0;
}

base::Refusal refusal_of(const rocksdb::Status& status, const std::filesystem::path& path) {
  // A file that RocksDB knows of and that is not there is damage, not a disk that fails.
  if (status.IsCorruption() || status.IsPathNotFound()) return damaged_store(status.ToString());
  if (status.IsNoSpace()) return base::refuse(base::RefusalCode::broker_disk_full);
  return io_failed(path, status.ToString());
}

base::Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open(const StoreFolder& folder,
                                                                 const RocksSettings& settings) {
  const auto mark = AcknowledgedMark::read(folder.mark());
  auto opened = open_folder(folder, settings, Access::write, LogEnd::must_be_whole);
  if (!opened && opened.refusal().code == base::RefusalCode::journal_damaged) {
    // Perhaps only the last batch is torn, which a crash may do. Look before anything is dropped.
    auto seen = open_folder(folder, settings, Access::read, LogEnd::may_be_torn);
    if (!seen) return seen;
    if (auto whole = (*seen)->check_against(mark); !whole) return whole.refusal();
    const auto end = (*seen)->end();
    *seen = nullptr;
    base::log_warning("torn end of the log dropped", {{"position", end.position}});
    opened = open_folder(folder, settings, Access::write, LogEnd::may_be_torn);
  }
  if (!opened) return opened;
  if (auto whole = (*opened)->check_against(mark); !whole) return whole.refusal();
  return opened;
}

base::Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open_read_only(const StoreFolder& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder.database(), error)) return io_failed(folder.root, "there is no store here");
  // Reading beside a writer would show a store that never was.
  if (const pid_t holder = lock_holder(folder.database()); holder != 0) return in_use(folder.database(), holder);
  const auto mark = AcknowledgedMark::read(folder.mark());
  auto opened = open_folder(folder, RocksSettings(), Access::read, LogEnd::may_be_torn);
  if (!opened) return opened;
  if ((*opened)->identity().format == 0) return damaged_store("the store was never completely made");
  if (auto whole = (*opened)->check_against(mark); !whole) return whole.refusal();
  return opened;
}

base::Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open_backup(const std::string& name,
                                                                        std::shared_ptr<rocksdb::Env> env,
                                                                        const Acknowledged& mark) {
  rocksdb::DBOptions options;
  options.env = env.get();
  std::vector<std::string> names;
  if (const auto status = rocksdb::DB::ListColumnFamilies(options, name, &names); !status.ok())
    return refusal_of(status, name);
  std::unique_ptr<RocksDatabase> opened(new RocksDatabase());
  opened->path_ = name;
  opened->env_ = std::move(env);
  if (auto done = opened->open_families({names.begin(), names.end()}, {}, Access::read, LogEnd::may_be_torn); !done)
    return done.refusal();
  if (auto whole = opened->check_against(mark); !whole) return whole.refusal();
  return opened;
}

base::Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open_folder(const StoreFolder& folder,
                                                                        const RocksSettings& settings, Access access,
                                                                        LogEnd log_end) {
  auto names = families_on_disk(folder);
  if (!names) return names.refusal();
  if (access == Access::write) {
    names->insert({std::string(kJournalFamily), std::string(kPayloadFamily), std::string(kMetaFamily)});
    for (const auto table : core::kTables) names->emplace(core::table_name(table));
  }
  std::unique_ptr<RocksDatabase> opened(new RocksDatabase());
  opened->path_ = folder.database();
  if (access == Access::write) opened->env_ = log_environment();
  if (auto done = opened->open_families(*names, settings, access, log_end); !done) return done.refusal();
  return opened;
}

base::Status RocksDatabase::open_families(const std::set<std::string>& names, const RocksSettings& settings,
                                          Access access, LogEnd log_end) {
  const FamilyOptions options(settings);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : names) descriptors.emplace_back(name, options.of(name));

  auto database = database_options(settings, log_end);
  if (env_) database.env = env_.get();
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  if (access == Access::write)
    status = rocksdb::DB::Open(database, path_.string(), descriptors, &handles_, &db);
  else
    status = rocksdb::DB::OpenForReadOnly(database, path_.string(), descriptors, &handles_, &db);
  if (!status.ok()) {
    const std::string text = status.ToString();
    const bool locked = text.find("lock") != std::string::npos && status.IsIOError();
    if (locked && text.find("current process") != std::string::npos) return in_use(path_, ::getpid());
    if (const pid_t holder = locked ? lock_holder(path_) : 0; holder != 0) return in_use(path_, holder);
    return refusal_of(status, path_);
  }
  db_.reset(db);
  for (auto* handle : handles_) families_.emplace(handle->GetName(), handle);
  for (const auto table : core::kTables) tables_[static_cast<std::size_t>(table)] = family(core::table_name(table));
  if (auto read = read_identity(); !read) return read;
  if (identity_.format == 0 && access == Access::write)
    if (auto made = make_identity(); !made) return made;
  return find_end();
}

RocksDatabase::~RocksDatabase() {
  if (db_ == nullptr) return;
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  // Without a flush: closing takes no time, and what the log holds is replayed at the next start.
  db_->Close().PermitUncheckedError();
}

rocksdb::ColumnFamilyHandle* RocksDatabase::family(std::string_view name) const {
  const auto found = families_.find(name);
  return found == families_.end() ? nullptr : found->second;
}

base::Status RocksDatabase::read_identity() {
  auto* const meta = family(kMetaFamily);
  if (meta == nullptr) return base::Done{};
  const auto read = [&](std::string_view row, std::string& value) -> base::Status {
    const auto status = db_->Get(rocksdb::ReadOptions(), meta, row, &value);
    if (!status.ok() && !status.IsNotFound()) return refusal_of(status, path_);
    return base::Done{};
  };
  std::string format;
  std::string created;
  if (auto done = read(kFormatRow, format); !done) return done;
  if (format.empty()) return base::Done{};
  if (auto done = read(kIdRow, identity_.id); !done) return done;
  if (auto done = read(kCreatedRow, created); !done) return done;
  const auto number = parse_journal_key(format);
  const auto created_ms = parse_journal_key(created);
  if (!number || !created_ms || *number == 0) return damaged_store("the format of the store can not be read");
  identity_.format = static_cast<std::uint32_t>(*number);
  identity_.created = base::from_ms(static_cast<std::int64_t>(*created_ms));
  if (*number > kFormat)
    return base::refuse(base::RefusalCode::journal_version, {},
                        {{"version", std::to_string(*number) + " (this program reads up to " + std::to_string(kFormat) +
                                         "; start the release that wrote it, or a later one)"}});
  return base::Done{};
}

base::Status RocksDatabase::make_identity() {
  constexpr std::size_t kIdBytes = 16;
  identity_ = {kFormat, base::random_bytes(kIdBytes), base::SystemClock().now()};
  auto* const meta = family(kMetaFamily);
  rocksdb::WriteBatch batch;
  batch.Put(meta, kFormatRow, journal_key(identity_.format));
  batch.Put(meta, kIdRow, identity_.id);
  batch.Put(meta, kCreatedRow, journal_key(static_cast<std::uint64_t>(base::to_ms(identity_.created))));
  rocksdb::WriteOptions options;
  options.sync = true;
  if (const auto status = db_->Write(options, &batch); !status.ok()) return refusal_of(status, path_);
  return base::Done{};
}

base::Status RocksDatabase::find_end() {
  if (journal() == nullptr) return base::Done{};
  const std::unique_ptr<rocksdb::Iterator> row(db_->NewIterator(rocksdb::ReadOptions(), journal()));
  row->SeekToLast();
  if (!row->Valid()) {
    if (!row->status().ok()) return refusal_of(row->status(), path_);
    return base::Done{};
  }
  const auto position = parse_journal_key(row->key().ToStringView());
  if (!position) return damaged_store("the last record has no position");
  const auto record = decode_record(row->value().ToStringView());
  if (!record) return damaged(*position, "the record has an unknown version");
  end_ = {*position, record->hash};
  return base::Done{};
}

base::Status RocksDatabase::check_against(const std::optional<Acknowledged>& mark) const {
  if (!mark) return base::Done{};
  if (end_.position < mark->end.position)
    return damaged(end_.position + 1,
                   "records up to " + std::to_string(mark->end.position) + " were acknowledged and are missing");
  if (db_->GetLatestSequenceNumber() < mark->sequence)
    return damaged(end_.position, "changes that were acknowledged after it are missing");
  if (mark->end.position == 0) return base::Done{};
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions(), journal(), journal_key(mark->end.position), &value);
  if (!status.ok() && !status.IsNotFound()) return damaged(mark->end.position, status.ToString());
  const auto record = decode_record(value);
  if (!record || record->hash != mark->end.hash)
    return damaged(mark->end.position, "the record is not the one that was acknowledged");
  return base::Done{};
}

rocksdb::Status RocksDatabase::rewrite_payload() const {
  rocksdb::CompactRangeOptions rewrite;
  rewrite.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  rewrite.exclusive_manual_compaction = false;
  auto status = db_->Flush(rocksdb::FlushOptions(), handles_);
  if (status.ok()) status = db_->CompactRange(rewrite, payload(), nullptr, nullptr);
  // What nothing refers to any more goes at the end of a pause in which nothing may go: now, and not some time later.
  if (status.ok()) status = db_->DisableFileDeletions();
  if (status.ok()) status = db_->EnableFileDeletions(false);
  return status;
}

}  // namespace relais::journal
