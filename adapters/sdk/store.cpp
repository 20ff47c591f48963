#include "adapters/sdk/store.h"

#include <array>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "broker/base/check.h"
#include "broker/base/log.h"

#include "relais/v1/adapter_store.pb.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;
using base::refuse;

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "1";
constexpr std::array kAreaNames = {"meta",  "entries",   "submits",   "refused", "handled",
                                   "begun", "submitted", "referrals", "notes",   "unrouted"};
constexpr bool holds_marks(Area area) {
  return area == Area::handled || area == Area::begun || area == Area::submitted;
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view text(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

class OldMarks final : public rocksdb::CompactionFilter {
 public:
  explicit OldMarks(const base::Clock& clock) : clock_(clock) {}
  [[nodiscard]] const char* Name() const override { return "relais.sdk.OldMarks"; }
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*, bool*) const override {
    v1::StoredMark mark;
    if (!mark.ParseFromArray(value.data(), static_cast<int>(value.size()))) return false;
    return base::from_ms(mark.at_ms()) + kMarkAge < clock_.now();
  }

 private:
  const base::Clock& clock_;
};

rocksdb::ColumnFamilyOptions options_of(Area area, const OldMarks& old_marks,
                                        const std::shared_ptr<rocksdb::Cache>& cache) {
  constexpr std::size_t kMebi = 1u << 20;
  rocksdb::ColumnFamilyOptions options;
  // Sealed bytes do not shrink; the rest is small.
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = area == Area::submits ? 16 * kMebi : 4 * kMebi;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Nearly every message is new: the filter answers that without the disk.
  if (holds_marks(area)) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (holds_marks(area)) options.compaction_filter = &old_marks;
  return options;
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A seldom written area must not keep old logs alive for ever.
  options.max_total_wal_size = 64u << 20;
  options.max_open_files = 256;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  return options;
}

}  // namespace

class Store::Database {
 public:
  explicit Database(const base::Clock& clock) : old_marks(clock) {}
  ~Database() {
    for (auto* column : columns) db->DestroyColumnFamilyHandle(column);
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* column(Area area) const { return columns[static_cast<std::size_t>(area)]; }

  OldMarks old_marks;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> columns;
};

Store::Store(std::filesystem::path folder, std::unique_ptr<Database> database)
    : folder_(std::move(folder)), database_(std::move(database)) {}

Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, const base::Clock& clock) {
  const auto failed = [&](const std::string& why) {
    return refuse(RefusalCode::io_failed, "data_dir", {{"path", folder.string()}, {"why", why}});
  };
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) return failed(error.message());
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return failed(error.message());

  auto database = std::make_unique<Database>(clock);
  const auto cache = rocksdb::NewLRUCache(16u << 20);
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  for (std::size_t i = 0; i < kAreaNames.size(); ++i)
    columns.emplace_back(kAreaNames[i], options_of(static_cast<Area>(i), database->old_marks, cache));
  // RocksDB insists on its own; nothing is kept there.
  columns.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  rocksdb::DB* db = nullptr;
  const auto opened =
      rocksdb::DB::Open(database_options(), (folder / "store").string(), columns, &database->columns, &db);
  if (!opened.ok()) return failed(opened.ToString());
  database->db.reset(db);

  std::unique_ptr<Store> store(new Store(folder, std::move(database)));
  if (const auto format = store->get(Area::meta, kFormatKey); format && *format != kFormat)
    return refuse(RefusalCode::journal_version, "data_dir", {{"version", *format}});
  Change first;
  first.put(Area::meta, kFormatKey, std::string(kFormat));
  if (auto said = store->write(first); !said) return said.refusal();
  if (auto said = store->sync(); !said) return said.refusal();
  return store;
}

std::optional<std::string> Store::get(Area area, std::string_view key) const {
  std::string value;
  const auto found = database_->db->Get(rocksdb::ReadOptions(), database_->column(area), slice(key), &value);
  if (found.IsNotFound()) return std::nullopt;
  base::check(found.ok(), "the store of the adapter can be read");
  return value;
}

void Store::scan(Area area, std::string_view from, const Visit& visit) const {
  const std::unique_ptr<rocksdb::Iterator> at(
      database_->db->NewIterator(rocksdb::ReadOptions(), database_->column(area)));
  for (at->Seek(slice(from)); at->Valid(); at->Next())
    if (!visit(text(at->key()), text(at->value()))) return;
  base::check(at->status().ok(), "the store of the adapter can be read");
}

base::Status Store::refuse_write(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (!failed_) base::log_error("store refuses writes", {{"path", folder_.string()}, {"why", why}});
  failed_ = true;
  return refuse(RefusalCode::io_failed, "data_dir", {{"path", folder_.string()}, {"why", why}});
}

base::Status Store::write(const Change& change) {
  if (failed()) {
    if (const auto back = database_->db->Resume(); !back.ok()) return refuse_write(back.ToString());
    const std::lock_guard lock(mutex_);
    if (std::exchange(failed_, false)) base::log_info("store takes writes again", {{"path", folder_.string()}});
  }
  rocksdb::WriteBatch batch;
  for (const auto& step : change.steps()) {
    auto* const column = database_->column(step.area);
    const auto said =
        step.value ? batch.Put(column, slice(step.key), slice(*step.value)) : batch.Delete(column, slice(step.key));
    base::check(said.ok(), "a change can be gathered");
  }
  if (const auto written = database_->db->Write(rocksdb::WriteOptions(), &batch); !written.ok())
    return refuse_write(written.ToString());
  const std::lock_guard lock(mutex_);
  ++written_;
  return base::Done{};
}

base::Status Store::sync() {
  std::unique_lock lock(mutex_);
  const auto wanted = written_;
  while (synced_ < wanted) {
    if (syncing_) {
      synced_changed_.wait(lock);
      continue;
    }
    syncing_ = true;
    const auto reached = written_;
    lock.unlock();
    const auto said = database_->db->SyncWAL();
    lock.lock();
    syncing_ = false;
    if (said.ok()) synced_ = reached;
    synced_changed_.notify_all();
    if (said.ok()) continue;
    lock.unlock();
    return refuse_write(said.ToString());
  }
  return base::Done{};
}

bool Store::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::uint64_t Store::free_bytes() const {
  std::error_code error;
  const auto space = std::filesystem::space(folder_, error);
  return error ? 0 : static_cast<std::uint64_t>(space.available);
}

void Store::tidy() {
  for (const auto area : {Area::handled, Area::begun, Area::submitted}) {
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    database_->db->CompactRange(all, database_->column(area), nullptr, nullptr);
  }
}

std::string sequence_key(std::uint64_t sequence) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(sequence >> (56 - 8 * i) & 0xff);
  return key;
}

std::uint64_t sequence_of(std::string_view key) {
  base::check(key.size() == 8, "a sequence key has 8 bytes");
  std::uint64_t sequence = 0;
  for (const char byte : key) sequence = sequence << 8 | static_cast<unsigned char>(byte);
  return sequence;
}

}  // namespace relais::sdk
