// A real device that is full: what is refused, what goes on, and that it ends when there is room again.
#include <atomic>
#include <thread>

#include <sys/mount.h>

#include "tests/unit/journal/child.h"
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

constexpr std::size_t kMegabyte = 1u << 20;

/// All but `left` bytes of the device.
void occupy(const std::filesystem::path& device, std::uint64_t left) {
  const std::string piece(std::size_t{64} * 1024, 'f');
  std::ofstream file(device / "filler", std::ios::binary | std::ios::app);
  while (file && std::filesystem::space(device).available > left + piece.size()) {
    file << piece;
    file.flush();
  }
  // The last bytes one by one, and no more of them: megabytes that come free meanwhile would take as many writes.
  for (std::size_t i = 0; file && left == 0 && i < piece.size(); ++i) {
    file << 'f';
    file.flush();
  }
}

/// A small file system of its own.
class Device {
 public:
  explicit Device(const std::string& size) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~Device() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  /// Another program takes all but `left` bytes.
  void occupy_all_but(std::uint64_t left) const { occupy(path(), left); }
  void vacate() const { std::filesystem::remove(path() / "filler"); }

 private:
  tests::TemporaryFolder folder_;
  bool mounted_ = false;
};

Batch acknowledgement_at(core::Position position) {
  Batch batch;
  batch.first_position = position;
  batch.records = {"acknowledged"};
  batch.writes = {{core::TableId::queue, std::to_string(position), std::nullopt}};
  return batch;
}

RocksSettings device_settings() {
  RocksSettings settings;
  settings.log_bytes_max = 4 * kMegabyte;
  settings.cache_bytes = 4 * kMegabyte;
  settings.reserve_bytes = 16 * kMegabyte;
  settings.headroom_bytes = 8 * kMegabyte;
  return settings;
}

/// What a race for every block is run against: it may take even the reserve.
RocksSettings blind_settings() {
  RocksSettings blind = device_settings();
  blind.headroom_bytes = 0;
  return blind;
}

}  // namespace

TEST(RocksFullDisk, acknowledgements_go_on_and_submissions_resume_when_there_is_room) {
  const Device device("64m");
  if (!device.mounted()) GTEST_SKIP() << "this user may not mount a file system";
  auto store = open_store(device.path() / "store", device_settings());
  ASSERT_NE(store, nullptr);
  fill(*store, 20);
  ASSERT_GT(store->free_bytes(), kMegabyte);
  device.occupy_all_but(0);
  EXPECT_EQ(std::filesystem::space(device.path()).available, 0u);
  EXPECT_LT(store->free_bytes(), kMegabyte) << "the engine refuses submissions from here on";

  core::Position at = store->durable().position;
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(store->append(acknowledgement_at(++at)).ok());
  EXPECT_LT(store->free_bytes(), kMegabyte) << "what the reserve gave up does not count as free";

  // Somebody submits all the same, until the reserve is used up.
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) {
    const auto done = store->append(batch_at(at + 1, kMegabyte / 2));
    if (done) {
      ++at;
      continue;
    }
    ASSERT_EQ(done.refusal().code, base::RefusalCode::broker_disk_full) << done.refusal().english();
    refused = true;
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(store->durable().position, at) << "nothing was appended";
  EXPECT_FALSE(store->record(at + 1));
  EXPECT_EQ(store->record(at)->position, at);
  EXPECT_TRUE(verify_chain(*store).ok());

  device.vacate();
  ASSERT_TRUE(store->append(batch_at(at + 1, kMegabyte / 2)).ok()) << "without a restart";
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(store->append(acknowledgement_at(at + 2 + static_cast<core::Position>(i))).ok());
  EXPECT_GT(store->free_bytes(), kMegabyte);
  EXPECT_EQ(std::filesystem::file_size(device.path() / "store" / "reserve"), 16 * kMegabyte) << "taken back";
  const ChainEnd end = store->durable();
  store = nullptr;
  store = open_store(device.path() / "store", device_settings());
  EXPECT_EQ(store->durable().hash, end.hash);
  EXPECT_TRUE(verify_chain(*store).ok());
  EXPECT_TRUE(store->verify_files().ok());
}

/// Another program is faster than the look before each append: RocksDB itself runs into the end of the device, in its
/// log or in a flush behind it. The store opens anew by itself; each answer stays true.
TEST(RocksFullDisk, survives_a_device_that_fills_up_behind_its_back) {
  const Device device("64m");
  if (!device.mounted()) GTEST_SKIP() << "this user may not mount a file system";
  RocksSettings blind = device_settings();
  blind.headroom_bytes = 0;  // so that every append is let through
  auto store = open_store(device.path() / "store", blind);
  ASSERT_NE(store, nullptr);
  const std::string opened_as = read_file(device.path() / "store" / "db" / "CURRENT");
  core::Position at = 0;
  int refusals = 0;
  for (int i = 0; i < 40 && refusals < 3; ++i) {
    device.occupy_all_but(kMegabyte);
    const auto done = store->append(batch_at(at + 1, kMegabyte / 4));
    if (done) {
      ASSERT_EQ(*done, ++at);
    } else {
      ASSERT_EQ(done.refusal().code, base::RefusalCode::broker_disk_full) << done.refusal().english();
      ++refusals;
    }
    ASSERT_EQ(store->durable().position, at);
    if (at > 0) {
      ASSERT_EQ(store->payload({at, 0}).size(), 1u) << "reading goes on";
    }
    if (read_file(device.path() / "store" / "db" / "CURRENT") != opened_as) break;
  }
  EXPECT_NE(read_file(device.path() / "store" / "db" / "CURRENT"), opened_as) << "it was opened anew";
  expect_consistent(*store);
  device.vacate();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(store->append(batch_at(++at, kMegabyte / 4)).ok());
  expect_consistent(*store);
  store = nullptr;
  store = open_store(device.path() / "store", blind);
  EXPECT_EQ(store->durable().position, at);
  expect_consistent(*store);
}

/// While another program takes every block.
void append_on_full_device(const std::filesystem::path& device) {
  const auto store = open_store(device / "store", blind_settings());
  std::atomic<bool> stop = false;
  std::thread other([&] {
    while (!stop) occupy(device, 0);
  });
  core::Position at = store->durable().position;
  for (int refusals = 0; at < 200 && refusals < 5;) {
    const auto done = store->append(batch_at(at + 1, kMegabyte / 2));
    if (done) {
      Child::tell(++at);
      continue;
    }
    ++refusals;
    if (done.refusal().code == base::RefusalCode::io_failed) break;
    EXPECT_EQ(done.refusal().code, base::RefusalCode::broker_disk_full) << done.refusal().english();
  }
  stop = true;
  other.join();
}

/// In a process of its own: a flush that fails here may end it by an assertion of RocksDB (its atomic flush rolls back
/// what another one has installed; known since 7.2, speedb-io/speedb#196). A restart finds all that was promised.
TEST(RocksFullDisk, loses_nothing_when_another_program_takes_every_block) {
  for (int round = 0; round < 3; ++round) {
    const Device device("48m");
    if (!device.mounted()) GTEST_SKIP() << "this user may not mount a file system";
    Child child(kAppendOnFullDevice, device.path());
    core::Position at = 0;
    for (auto told = child.next(); told != 0; told = child.next()) at = told;
    const int ended = child.wait();
    EXPECT_TRUE((WIFEXITED(ended) && WEXITSTATUS(ended) == 0) || (WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT))
        << ended;
    ASSERT_GT(at, 0u);
    device.vacate();
    const auto store = open_store(device.path() / "store", blind_settings());
    ASSERT_NE(store, nullptr);
    EXPECT_GE(store->durable().position, at);
    EXPECT_LE(store->durable().position, at + 1);
    expect_consistent(*store);
  }
}

TEST(RocksFullDisk, opening_a_store_on_a_full_device_is_refused_with_the_reason) {
  const Device device("16m");
  if (!device.mounted()) GTEST_SKIP() << "this user may not mount a file system";
  device.occupy_all_but(0);
  const auto opened = RocksStore::open(device.path() / "store", device_settings());
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.refusal().code == base::RefusalCode::broker_disk_full ||
              opened.refusal().code == base::RefusalCode::io_failed)
      << opened.refusal().english();
}

}  // namespace relais::journal
