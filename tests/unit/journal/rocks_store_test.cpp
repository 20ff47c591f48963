#include <chrono>
#include <csignal>
#include <map>
#include <thread>
#include <unistd.h>

#include <rocksdb/db.h>
#include <sys/resource.h>

#include "broker/journal/record_codec.h"
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

/// Opens the database of a closed store as it is, to make of it what another release would have left.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& store) {
    const std::string path = (store / "db").string();
    std::vector<std::string> names;
    base::check(rocksdb::DB::ListColumnFamilies({}, path, &names).ok(), "the families are listed");
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* db = nullptr;
    base::check(rocksdb::DB::Open({}, path, families, &handles_, &db).ok(), "the database opens");
    db_.reset(db);
  }
  ~Raw() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* family(std::string_view name) {
    for (auto* handle : handles_)
      if (handle->GetName() == name) return handle;
    return nullptr;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> listing(
    const std::filesystem::path& folder) {
  std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().string()] = {entry.file_size(), entry.last_write_time()};
  return files;
}

/// Bytes of the log files there are; one that a flush has just made superfluous and removed counts nothing.
std::uintmax_t log_bytes(const std::filesystem::path& store) {
  std::uintmax_t bytes = 0;
  for (const auto& file : files_ending(store, ".log")) {
    std::error_code gone;
    const auto size = std::filesystem::file_size(file, gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

TEST(RocksStore, keeps_its_identity) {
  const tests::TemporaryFolder folder;
  auto store = open_store(folder.path() / "a");
  const auto identity = store->identity();
  EXPECT_EQ(identity.format, 1u);
  EXPECT_EQ(identity.id.size(), 16u);
  EXPECT_GT(base::to_ms(identity.created), 0);
  store = nullptr;
  store = open_store(folder.path() / "a");
  EXPECT_EQ(store->identity().id, identity.id);
  EXPECT_EQ(store->identity().created, identity.created);
  EXPECT_NE(open_store(folder.path() / "b")->identity().id, identity.id);
}

TEST(RocksStore, is_closed_to_others) {
  const tests::TemporaryFolder folder;
  const auto store = open_store(folder.path() / "store");
  const auto mode = std::filesystem::status(folder.path() / "store").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST(RocksStore, refuses_a_folder_that_this_process_has_open) {
  const tests::TemporaryFolder folder;
  const auto store = open_store(folder.path() / "store");
  const auto second = RocksStore::open(folder.path() / "store");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.refusal().code, base::RefusalCode::io_failed);
  EXPECT_EQ(fact(second.refusal(), "why"), "the store is in use by process " + std::to_string(::getpid()));
  fill(*store, 3);
}

TEST(RocksStore, refuses_a_path_that_can_not_be_a_folder) {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("file", "text");
  for (const auto& path : {file, file / "below"}) {
    const auto opened = RocksStore::open(path);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.refusal().code, base::RefusalCode::io_failed);
    EXPECT_EQ(fact(opened.refusal(), "path"), path.string());
  }
  const auto absent = RocksStore::open_read_only(folder.path() / "absent");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.refusal().code, base::RefusalCode::io_failed);
}

TEST(RocksStore, refuses_a_newer_format_and_says_what_to_do) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  { fill(*open_store(path), 2); }
  {
    Raw raw(path);
    ASSERT_TRUE(raw.db().Put({}, raw.family("meta"), "format", journal_key(2)).ok());
    rocksdb::ColumnFamilyHandle* added = nullptr;
    ASSERT_TRUE(raw.db().CreateColumnFamily({}, "table_of_tomorrow", &added).ok());
    ASSERT_TRUE(raw.db().DestroyColumnFamilyHandle(added).ok());
  }
  const auto opened = RocksStore::open(path, small_settings());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.refusal().code, base::RefusalCode::journal_version);
  EXPECT_NE(opened.refusal().english().find("start the release that wrote it"), std::string::npos);
  const auto read = RocksStore::open_read_only(path);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.refusal().code, base::RefusalCode::journal_version);
}

TEST(RocksStore, opens_a_store_made_before_a_table_was_known) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  { fill(*open_store(path), 2); }
  {
    Raw raw(path);
    ASSERT_TRUE(raw.db().DropColumnFamily(raw.family("parked")).ok());
  }
  {
    const auto read = RocksStore::open_read_only(path);
    ASSERT_TRUE(read.ok()) << read.refusal().english();
    EXPECT_FALSE((*read)->get(core::TableId::parked, "k"));
    expect_consistent(**read);
  }
  const auto store = open_store(path);
  Batch batch;
  batch.writes = {{core::TableId::parked, "k", "v"}};
  ASSERT_TRUE(store->append(batch).ok());
  EXPECT_EQ(store->get(core::TableId::parked, "k"), "v");
  expect_consistent(*store);
}

TEST(RocksStore, opened_for_reading_changes_nothing) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  { fill(*open_store(path), 20); }
  const auto before = listing(path);
  {
    const auto read = RocksStore::open_read_only(path);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ((*read)->durable().position, 20u);
    expect_consistent(**read);
    EXPECT_TRUE((*read)->verify_files().ok());
    EXPECT_GT((*read)->free_bytes(), 0u);
  }
  EXPECT_EQ(listing(path), before);
}

TEST(RocksStore, flushes_and_compacts_behind_the_appends) {
  const tests::TemporaryFolder folder;
  auto store = open_store(folder.path() / "store");
  fill(*store, 200, 100'000);  // 40 MB through a log of 4
  // Flushes run behind the appends, at the pace of the machine: the log shrinks soon, not at once.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (log_bytes(folder.path() / "store") >= 3 * small_settings().log_bytes_max &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(log_bytes(folder.path() / "store"), 3 * small_settings().log_bytes_max) << "a start replays little";
  expect_consistent(*store);
  EXPECT_TRUE(store->verify_files().ok());
  store = nullptr;
  store = open_store(folder.path() / "store");
  EXPECT_EQ(store->durable().position, 200u);
  expect_consistent(*store);
}

TEST(RocksStore, refuses_appends_after_a_failed_one) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  auto store = open_store(path);
  fill(*store, 3);
  // The file size limit of this process makes the next writes fail with EFBIG: not a full disk, not to be retried.
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit tight = before;
  tight.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto failed = store->append(batch_at(4, 100'000));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.refusal().code, base::RefusalCode::io_failed);
  const auto later = store->append(batch_at(4));
  ASSERT_FALSE(later.ok());
  EXPECT_EQ(later.refusal().code, base::RefusalCode::io_failed);
  EXPECT_EQ(store->durable().position, 3u);
  EXPECT_EQ(store->get(core::TableId::cells, "last"), "3");
  store = nullptr;
  store = open_store(path);
  EXPECT_EQ(store->durable().position, 3u);
  fill(*store, 5);
  expect_consistent(*store);
}

}  // namespace relais::journal
