#include "broker/journal/backup.h"

#include <atomic>
#include <csignal>
#include <thread>
#include <unistd.h>

#include "tests/unit/journal/child.h"
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::uintmax_t bytes_below(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : files_below(folder)) bytes += fs::file_size(file);
  return bytes;
}

class BackupTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_.path() / name; }

  /// A store with `records` of 400 bytes, backed up and closed.
  void back_up_once(core::Position records = 500) {
    auto store = open_store(at("store"));
    fill(*store, records, 400);
    ASSERT_TRUE(store->back_up(at("backups")).ok());
  }

  tests::TemporaryFolder folder_;
};

}  // namespace

TEST_F(BackupTest, taken_while_appends_go_on_holds_all_that_was_durable_when_it_began_and_nothing_torn) {
  auto store = open_store(at("store"));
  fill(*store, 200, 400);
  std::atomic<bool> enough = false;
  std::thread load([&] {
    while (!enough) ASSERT_TRUE(store->append(batch_at(store->durable().position + 1, 400)).ok());
  });
  std::vector<core::Position> before;
  for (int round = 0; round < 3; ++round) {
    before.push_back(store->durable().position);
    const auto made = store->back_up(at("backups"));
    EXPECT_TRUE(made.ok()) << made.refusal().english();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  enough = true;
  load.join();
  const auto& live = store;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const auto verified = verify_backup(at("backups"), number);
    ASSERT_TRUE(verified.ok()) << verified.refusal().english();
    EXPECT_GE(verified->end.position, before[number - 1]);
    EXPECT_EQ(live->record(verified->end.position)->hash, verified->end.hash);
    const auto restored = restore_backup(at("backups"), number, at("restored-" + std::to_string(number)));
    ASSERT_TRUE(restored.ok()) << restored.refusal().english();
    auto opened = open_store(at("restored-" + std::to_string(number)));
    ASSERT_NE(opened, nullptr);
    expect_consistent(*opened);
    EXPECT_EQ(opened->durable().hash, restored->end.hash);
    EXPECT_EQ(opened->identity().id, live->identity().id);
    fill(*opened, opened->durable().position + 10);
    expect_consistent(*opened);
  }
}

TEST_F(BackupTest, copies_again_only_what_is_new) {
  auto settings = small_settings();
  settings.log_bytes_max = 2u << 20;
  auto store = open_store(at("store"), settings);
  fill(*store, 400, 20'000);
  ASSERT_TRUE(store->back_up(at("backups")).ok());
  const auto first = bytes_below(at("backups"));
  fill(*store, 410, 2000);
  const auto made = store->back_up(at("backups"));
  ASSERT_TRUE(made.ok());
  EXPECT_LT(bytes_below(at("backups")) - first, first / 2);
  EXPECT_GT(made->bytes, first / 2);
  const auto backups = list_backups(at("backups"));
  ASSERT_TRUE(backups.ok());
  ASSERT_EQ(backups->whole.size(), 2u);
  EXPECT_EQ(backups->whole[1].mark.end.position, 410u);
  EXPECT_TRUE(backups->damaged.empty());
}

TEST_F(BackupTest, says_no_when_any_of_its_files_is_cut_changed_or_gone) {
  back_up_once();
  const auto files = files_below(at("backups"));
  ASSERT_GT(files.size(), 4u);
  for (const auto& file : files) {
    const auto content = read_file(file);
    if (content.empty()) continue;
    auto changed = content;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 0x20);
    for (const auto& bad : {content.substr(0, content.size() / 2), changed}) {
      write_file(file, bad);
      const auto verified = verify_backup(at("backups"), 1);
      EXPECT_FALSE(verified.ok()) << file;
      if (!verified.ok()) {
        EXPECT_EQ(verified.refusal().code, RefusalCode::backup_damaged) << file;
      }
      const auto restored = restore_backup(at("backups"), 0, at("restored"));
      EXPECT_FALSE(restored.ok()) << file;
      EXPECT_FALSE(fs::exists(at("restored"))) << file;
    }
    fs::remove(file);
    EXPECT_FALSE(verify_backup(at("backups"), 1).ok()) << file;
    write_file(file, content);
  }
  EXPECT_TRUE(verify_backup(at("backups"), 1).ok());
}

/// As soon as the copy has begun.
void back_up_and_die(const fs::path& folder) {
  auto store = open_store(folder / "store");
  fill(*store, store->durable().position + 300, 20'000);
  // Some files are there then, and no list of them.
  std::thread([&] {
    while (!fs::exists(folder / "backups" / "private" / "2")) std::this_thread::yield();
    ::kill(::getpid(), SIGKILL);
  }).detach();
  static_cast<void>(store->back_up(folder / "backups"));
}

TEST_F(BackupTest, one_that_was_killed_in_the_middle_is_none_and_those_before_are_whole) {
  back_up_once(200);
  Child child(kBackUpAndDie, folder_.path());
  const int ended = child.wait();
  ASSERT_TRUE(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL) << ended;
  const auto backups = list_backups(at("backups"));
  ASSERT_TRUE(backups.ok());
  EXPECT_EQ(backups->whole.size(), 1u);
  EXPECT_TRUE(verify_backup(at("backups"), 0).ok());
  const auto asked = restore_backup(at("backups"), 2, at("restored"));
  ASSERT_FALSE(asked.ok());
  EXPECT_EQ(asked.refusal().code, RefusalCode::backup_unknown);
  auto store = open_store(at("store"));
  ASSERT_TRUE(store->back_up(at("backups")).ok());
  const auto verified = verify_backup(at("backups"), 0);
  ASSERT_TRUE(verified.ok()) << verified.refusal().english();
  EXPECT_EQ(verified->end.hash, store->durable().hash);
}

TEST_F(BackupTest, is_never_restored_over_a_store_that_holds_something) {
  back_up_once();
  const auto over = restore_backup(at("backups"), 0, at("store"));
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.refusal().code, RefusalCode::restore_not_empty);
  expect_consistent(*open_store(at("store")));

  fs::create_directories(at("strange"));
  write_file(at("strange") / "letter", "not a store");
  const auto strange = restore_backup(at("backups"), 0, at("strange"));
  ASSERT_FALSE(strange.ok());
  EXPECT_EQ(strange.refusal().code, RefusalCode::restore_not_empty);
  EXPECT_EQ(read_file(at("strange") / "letter"), "not a store");

  open_store(at("fresh")) = nullptr;  // made by a broker in which nothing ever happened
  EXPECT_TRUE(restore_backup(at("backups"), 0, at("fresh")).ok());
  expect_consistent(*open_store(at("fresh")));
}

TEST_F(BackupTest, none_is_made_beside_a_purge_whose_files_would_stay_for_it) {
  auto store = open_store(at("store"));
  fill(*store, 400, 20'000);
  bool refused = false;
  for (int round = 1; round <= 20 && !refused; ++round) {
    std::atomic<bool> ended = false;
    std::thread backup([&] {
      EXPECT_TRUE(store->back_up(at("backups-" + std::to_string(round))));
      ended = true;
    });
    // Its first file is there: it holds the store's files.
    while (!fs::exists(at("backups-" + std::to_string(round)) / "private" / "1") && !ended) std::this_thread::yield();
    const auto purged = store->purge_erased();
    refused = !purged && purged.refusal().code == RefusalCode::backup_running;
    backup.join();
  }
  EXPECT_TRUE(refused);
  EXPECT_TRUE(store->purge_erased());
}

TEST_F(BackupTest, none_begins_once_the_broker_stops_and_no_purge_either) {
  auto store = open_store(at("store"));
  fill(*store, 100);
  store->stop_care();
  EXPECT_EQ(store->back_up(at("backups")).refusal().code, RefusalCode::io_failed);
  EXPECT_TRUE(list_backups(at("backups"))->whole.empty());
  EXPECT_EQ(store->purge_erased().refusal().code, RefusalCode::io_failed);
  fill(*store, 110);
  EXPECT_EQ(store->durable().position, 110u);
}

TEST_F(BackupTest, a_folder_that_holds_something_else_is_refused_and_left_as_it_is) {
  back_up_once();
  auto other = open_store(at("other"));
  fill(*other, 10);
  const auto foreign = other->back_up(at("backups"));
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.refusal().code, RefusalCode::input_invalid);
  EXPECT_EQ(foreign.refusal().field, "folder");
  EXPECT_EQ(list_backups(at("backups"))->whole.size(), 1u);

  fs::create_directories(at("letters"));
  write_file(at("letters") / "letter", "x");
  EXPECT_EQ(other->back_up(at("letters")).refusal().code, RefusalCode::input_invalid);
  EXPECT_EQ(files_below(at("letters")).size(), 1u);
  EXPECT_EQ(other->back_up("backups").refusal().code, RefusalCode::input_invalid);
  EXPECT_EQ(list_backups(at("letters")).refusal().code, RefusalCode::io_failed);
  EXPECT_EQ(list_backups(at("nowhere")).refusal().code, RefusalCode::io_failed);
  EXPECT_FALSE(fs::exists(at("nowhere")));
}

}  // namespace relais::journal
