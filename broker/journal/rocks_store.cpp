#include "broker/journal/rocks_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include "broker/base/log.h"
#include "broker/journal/acknowledged_mark.h"
#include "broker/journal/anchor.h"
#include "broker/journal/backup_engine.h"
#include "broker/journal/chain.h"
#include "broker/journal/record_codec.h"
#include "broker/journal/rocks_database.h"
#include "broker/journal/space_reserve.h"

namespace relais::journal {

namespace {

/// What RocksDB adds to a key and a value in its log, rounded up.
constexpr std::size_t kEntryOverheadBytes = 32;
/// A batch buffer larger than this is not kept for the next append.
constexpr std::size_t kKeptBatchBytes = 4u << 20;
constexpr std::size_t kReadAheadBytes = 1u << 20;

std::uint64_t bytes_of(const Batch& batch) {
  std::uint64_t bytes = 0;
  for (const auto& record : batch.records) bytes += record.size() + base::kHashBytes + kEntryOverheadBytes;
  for (const auto& payload : batch.payloads)
    for (const auto& compartment : payload.compartments) bytes += compartment.size() + kEntryOverheadBytes;
  for (const auto& write : batch.writes)
    bytes += write.key.size() + (write.value ? write.value->size() : 0) + kEntryOverheadBytes;
  return bytes + batch.erased_payloads.size() * kEntryOverheadBytes;
}

/// A read that fails has no answer the engine could go on with.
[[noreturn]] void stop_for(const rocksdb::Status& status) {
  base::log_error("the store can not be read", {{"why", status.ToString()}});
  base::fail_check("the store can be read", std::source_location::current());
}

base::Status make_folders(const StoreFolder& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder.root, error);
  if (!error && made) std::filesystem::permissions(folder.root, std::filesystem::perms::owner_all, error);
  if (!error) std::filesystem::create_directory(folder.database(), error);
  if (!error) return base::Done{};
  return base::refuse(base::RefusalCode::io_failed, {}, {{"path", folder.root.string()}, {"why", error.message()}});
}

}  // namespace

/// What only append() uses.
struct RocksStore::Writing {
  Writing(AcknowledgedMark mark_file, SpaceReserve& space_reserve) : mark(std::move(mark_file)), space(space_reserve) {}

  AcknowledgedMark mark;
  SpaceReserve& space;
  rocksdb::WriteBatch batch;
  std::string value;  // reused, to save an allocation for each record
  std::vector<const TableWrite*> in_order;
  bool refuses = false;
  std::optional<ChainSigner> signer;

  /// Answers where the chain ends with this batch.
  ChainEnd gather(const Batch& from, ChainEnd end, const RocksDatabase& database);
};

ChainEnd RocksStore::Writing::gather(const Batch& from, ChainEnd end, const RocksDatabase& database) {
  batch.Clear();
  const auto put = [&](rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view content) {
    base::check(batch.Put(family, key, content).ok(), "a batch holds what is put in it");
  };
  for (const auto& bytes : from.records) {
    end = {end.position + 1, next_hash(end.hash, bytes)};
    encode_record(end.hash, bytes, value);
    put(database.journal(), journal_key(end.position), value);
    if (signer) signer->add(end);
  }
  for (const auto& payload : from.payloads) {
    encode_payload(payload.compartments, value);
    put(database.payload(), payload_key(payload.key), value);
  }
  for (const auto& key : from.erased_payloads)
    base::check(batch.Delete(database.payload(), payload_key(key)).ok(), "a batch holds what is put in it");
  // RocksDB finds the place of a row in memory in half the time when its neighbour was the last one written.
  in_order.clear();
  for (const auto& write : from.writes) in_order.push_back(&write);
  std::ranges::stable_sort(in_order, {}, [](const TableWrite* write) { return std::tie(write->table, write->key); });
  for (const auto* write : in_order) {
    if (write->value)
      put(database.table(write->table), write->key, *write->value);
    else
      base::check(batch.Delete(database.table(write->table), write->key).ok(), "a batch holds what is put in it");
  }
  return end;
}

base::Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& folder,
                                                           const RocksSettings& settings) {
  const StoreFolder here{folder};
  if (auto made = make_folders(here); !made) return made.refusal();
  auto database = RocksDatabase::open(here, settings);
  if (!database) return database.refusal();
  auto mark = AcknowledgedMark::open(here.mark());
  if (!mark) return mark.refusal();
  std::unique_ptr<RocksStore> store(new RocksStore(here, std::move(*database)));
  store->space_ = std::make_unique<SpaceReserve>(here.reserve(), settings.reserve_bytes, settings.headroom_bytes);
  store->space_->take();
  store->writing_ = std::make_unique<Writing>(std::move(*mark), *store->space_);
  store->settings_ = settings;
  store->acknowledge(store->end_);
  return store;
}

base::Result<std::unique_ptr<const RocksStore>> RocksStore::open_read_only(const std::filesystem::path& folder) {
  auto database = RocksDatabase::open_read_only({folder});
  if (!database) return database.refusal();
  std::unique_ptr<RocksStore> store(new RocksStore({folder}, std::move(*database)));
  store->space_ = std::make_unique<SpaceReserve>(store->folder_->reserve(), 0, 0);
  return std::unique_ptr<const RocksStore>(std::move(store));
}

base::Result<std::unique_ptr<const RocksStore>> RocksStore::open_backup(const std::string& name,
                                                                        std::shared_ptr<rocksdb::Env> env,
                                                                        const Acknowledged& mark) {
  auto database = RocksDatabase::open_backup(name, std::move(env), mark);
  if (!database) return database.refusal();
  std::unique_ptr<RocksStore> store(new RocksStore({name}, std::move(*database)));
  store->space_ = std::make_unique<SpaceReserve>(store->folder_->reserve(), 0, 0);
  return std::unique_ptr<const RocksStore>(std::move(store));
}

RocksStore::RocksStore(StoreFolder folder, std::unique_ptr<RocksDatabase> database)
    : folder_(std::make_unique<const StoreFolder>(std::move(folder))),
      identity_(database->identity()),
      database_(std::move(database)),
      end_(database_->end()) {}

RocksStore::~RocksStore() = default;

const RocksDatabase& RocksStore::database() const {
  base::check(database_ != nullptr, "the store was opened again after the device was full");
  return *database_;
}

namespace {
/// RocksDB counts its own steps for each thread unless told not to; nobody reads these counts.
void do_not_count() {
  thread_local const bool told = (rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable), true);
  static_cast<void>(told);
}
}  // namespace

base::Result<core::Position> RocksStore::append(const Batch& batch) { return write(batch, false); }

base::Result<core::Position> RocksStore::write(const Batch& batch, bool sign) {
  do_not_count();
  const std::lock_guard one(appending_);
  base::check(writing_ != nullptr, "a store opened for reading is not written to");
  if (writing_->refuses)
    return base::refuse(base::RefusalCode::io_failed, {},
                        {{"path", folder_->root.string()}, {"why", "an append failed before"}});
  const ChainEnd before = durable();
  base::check(batch.records.empty() || batch.first_position == before.position + 1,
              "a batch begins where the journal ends");
  if (!writing_->space.make_room(bytes_of(batch))) return base::refuse(base::RefusalCode::broker_disk_full);

  auto& signer = writing_->signer;
  const std::size_t unsigned_before = signer ? signer->unsigned_records() : 0;
  const ChainEnd after = writing_->gather(batch, before, database());
  auto& changes = writing_->batch;
  const auto anchors = signer ? signer->sign(sign) : std::vector<Anchor>();
  for (const auto& anchor : anchors)
    base::check(changes.Put(database().meta(), anchor_key(anchor.last), encode_anchor(anchor)).ok(),
                "a batch holds what is put in it");
  const std::uint64_t sequence_after = database().db().GetLatestSequenceNumber() + changes.Count();
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = database().db().Write(options, &changes);
  if (changes.GetDataSize() > kKeptBatchBytes) changes = rocksdb::WriteBatch();
  auto written = [&]() -> base::Result<core::Position> {
    if (status.IsNoSpace()) return after_no_space(after, sequence_after);
    if (!status.ok()) {
      writing_->refuses = true;
      return refusal_of(status, folder_->root);
    }
    acknowledge(after);
    return after.position;
  }();
  if (signer && !written) signer->back_to(unsigned_before);
  if (written && !anchors.empty()) signer->signed_up_to(anchors.back().last);
  return written;
}

void RocksStore::sign_with(const base::Signer& signer, std::string key_id) {
  base::check(writing_ != nullptr, "a store opened for reading signs nothing");
  const ChainEnd end = durable();
  // A crash leaves a few records unsigned, an older release all of them: those are not read again at every start.
  constexpr core::Position kCaughtUp = 4096;
  ChainEnd start;
  anchors(end.position > kCaughtUp ? end.position - kCaughtUp : 0, [&](const Anchor& anchor) {
    start.position = anchor.last;
    return true;
  });
  if (start.position == 0 && end.position > kCaughtUp) start = end;
  if (start.position != 0) start.hash = record(start.position)->hash;
  auto& signing = writing_->signer.emplace(signer, std::move(key_id), identity_.id, start);
  for (auto position = start.position + 1; position <= end.position; ++position)
    signing.add({position, record(position)->hash});
}

base::Status RocksStore::sign_now() {
  {
    const std::lock_guard one(appending_);
    if (writing_ == nullptr || !writing_->signer || writing_->signer->unsigned_records() == 0) return base::Done{};
  }
  if (auto written = write({}, true); !written) return written.refusal();
  return base::Done{};
}

void RocksStore::anchors(core::Position from, const std::function<bool(const Anchor&)>& visit) const {
  const std::shared_lock lock(opening_);
  if (database().meta() == nullptr) return;
  const std::unique_ptr<rocksdb::Iterator> row(database().db().NewIterator(rocksdb::ReadOptions(), database().meta()));
  for (row->Seek(anchor_key(from)); row->Valid() && row->key().starts_with(kAnchorPrefix); row->Next()) {
    const auto anchor = decode_anchor(row->key().ToStringView(), row->value().ToStringView());
    if (anchor && !visit(*anchor)) return;
  }
  if (!row->status().ok()) stop_for(row->status());
}

/// The device was full although there was room before: RocksDB has stopped, and whether the batch reached its log is
/// not known. Resuming it would leave both open; a store opened anew knows, and writes again.
base::Result<core::Position> RocksStore::after_no_space(const ChainEnd& after, std::uint64_t sequence_after) {
  base::log_warning("the device is full: opening the store anew", {{"position", after.position}});
  writing_->space.release();
  stop_care();  // it reads, and holds the store open
  const std::lock_guard alone(opening_);
  database_ = nullptr;
  auto opened = RocksDatabase::open(*folder_, settings_);
  if (!opened) {
    writing_->refuses = true;
    return base::refuse(base::RefusalCode::io_failed, {},
                        {{"path", folder_->root.string()}, {"why", opened.refusal().english()}});
  }
  database_ = std::move(*opened);
  {
    const std::lock_guard here(backup_mutex_);
    --no_care_;
  }
  if (database_->db().GetLatestSequenceNumber() < sequence_after)
    return base::refuse(base::RefusalCode::broker_disk_full);
  base::check(database_->end().position == after.position && database_->end().hash == after.hash,
              "a batch is recovered whole");
  acknowledge(after);
  return after.position;
}

void RocksStore::acknowledge(const ChainEnd& end) {
  {
    const std::lock_guard lock(end_mutex_);
    end_ = end;
  }
  writing_->mark.write({end, database().db().GetLatestSequenceNumber()});
}

ChainEnd RocksStore::durable() const {
  const std::lock_guard lock(end_mutex_);
  return end_;
}

std::optional<std::string> RocksStore::get(core::TableId table, std::string_view key) const {
  do_not_count();
  const std::shared_lock lock(opening_);
  auto* const family = database().table(table);
  if (family == nullptr) return std::nullopt;
  rocksdb::ReadOptions options;
  options.ignore_range_deletions = true;  // none are ever written
  std::string value;
  const auto status = database().db().Get(options, family, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) stop_for(status);
  return value;
}

std::vector<std::optional<std::string>> RocksStore::get_many(core::TableId table,
                                                             std::span<const std::string_view> keys) const {
  do_not_count();
  const std::shared_lock lock(opening_);
  auto* const family = database().table(table);
  std::vector<std::optional<std::string>> values(keys.size());
  if (family == nullptr || keys.empty()) return values;
  rocksdb::ReadOptions options;
  options.ignore_range_deletions = true;
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database().db().MultiGet(options, family, keys.size(), slices.data(), found.data(), statuses.data());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) stop_for(statuses[i]);
    values[i] = found[i].ToString();
  }
  return values;
}

void RocksStore::scan(core::TableId table, std::string_view from, std::string_view to, const core::Visit& visit) const {
  if (!to.empty() && to <= from) return;
  const std::shared_lock lock(opening_);
  auto* const family = database().table(table);
  if (family == nullptr) return;
  rocksdb::ReadOptions options;
  options.ignore_range_deletions = true;
  // What the iterator was the last to hold is freed in the background, not on the engine thread. The option for the
  // whole database would do the same, but RocksDB 7.8 as Debian builds it stops when such a database fails to open.
  options.background_purge_on_iterator_cleanup = true;
  // Ends the walk at once where only tombstones follow.
  const rocksdb::Slice upper(to.data(), to.size());
  if (!to.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> row(database().db().NewIterator(options, family));
  for (row->Seek(from); row->Valid(); row->Next())
    if (!visit(row->key().ToStringView(), row->value().ToStringView())) return;
  if (!row->status().ok()) stop_for(row->status());
}

std::vector<std::string> RocksStore::payload(core::MessageKey key) const {
  const std::shared_lock lock(opening_);
  if (database().payload() == nullptr) return {};
  rocksdb::PinnableSlice value;
  const auto status = database().db().Get(rocksdb::ReadOptions(), database().payload(), payload_key(key), &value);
  if (status.IsNotFound()) return {};
  if (!status.ok()) stop_for(status);
  auto compartments = decode_payload(value.ToStringView());
  base::check(compartments.has_value(), "a stored payload has the form it was written in");
  return *std::move(compartments);
}

base::Result<ChainEnd> RocksStore::replay(core::Position from, const RecordVisit& visit) const {
  const std::shared_lock lock(opening_);
  const ChainEnd last = durable();
  if (from == 0) from = 1;
  if (from > last.position) return last;
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // history would push out what the engine works with
  options.readahead_size = kReadAheadBytes;
  const std::unique_ptr<rocksdb::Iterator> row(database().db().NewIterator(options, database().journal()));
  const core::Position first = from == 1 ? 1 : from - 1;  // the hash before `from` is where the check begins
  ChainCheck chain(ChainEnd{});
  core::Position expected = first;
  for (row->Seek(journal_key(first)); expected <= last.position; row->Next(), ++expected) {
    if (!row->Valid())
      return damaged(expected, row->status().ok() ? "the record is missing" : row->status().ToString());
    const auto position = parse_journal_key(row->key().ToStringView());
    if (!position) return damaged(expected, "a key is not a position");
    const auto record = decode_record(row->value().ToStringView());
    if (!record) return damaged(*position, "the record has an unknown version");
    if (expected < from) {
      if (*position != expected) return damaged(expected, "the record is missing");
      chain = ChainCheck({*position, record->hash});
      continue;
    }
    if (auto fits = chain.accept(*position, record->hash, record->bytes); !fits) return fits.refusal();
    if (!visit({*position, record->hash, std::string(record->bytes)})) break;
  }
  return chain.end();
}

std::optional<StoredRecord> RocksStore::record(core::Position position) const {
  const std::shared_lock lock(opening_);
  if (database().journal() == nullptr) return std::nullopt;
  std::string value;
  const auto status = database().db().Get(rocksdb::ReadOptions(), database().journal(), journal_key(position), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) stop_for(status);
  const auto found = decode_record(value);
  base::check(found.has_value(), "a stored record has the form it was written in");
  return StoredRecord{position, found->hash, std::string(found->bytes)};
}

std::uint64_t RocksStore::free_bytes() const { return space_->free_beyond(); }

base::Status RocksStore::verify_files() const {
  const std::shared_lock lock(opening_);
  const auto status = database().db().VerifyFileChecksums(rocksdb::ReadOptions());
  if (!status.ok()) return refusal_of(status, folder_->root);
  return base::Done{};
}

}  // namespace relais::journal
