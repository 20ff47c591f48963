// A process that is killed in the middle of its appends: all it told of is there.
#include <chrono>
#include <fcntl.h>
#include <random>
#include <signal.h>
#include <spawn.h>
#include <thread>
#include <unistd.h>

#include <sys/wait.h>

#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

constexpr const char* kFolderVariable = "RELAIS_TEST_CRASH_FOLDER";
constexpr int kTold = 3;  // file on which the child tells each acknowledged position

/// This program again, running only the test below.
class Child {
 public:
  explicit Child(const std::filesystem::path& folder) {
    int ends[2];
    base::check(::pipe2(ends, O_CLOEXEC) == 0, "a pipe can be made");
    told_ = ends[0];
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], kTold);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string filter = "--gtest_filter=RocksCrashChild.appends_until_it_is_killed";
    std::string name = "unit_journal";
    char* arguments[] = {name.data(), filter.data(), nullptr};
    ::setenv(kFolderVariable, folder.c_str(), 1);
    base::check(::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0,
                "the child starts");
    ::unsetenv(kFolderVariable);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
  }
  ~Child() {
    kill();
    ::close(told_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t process() const { return process_; }

  /// The next position told; 0 when the child is gone and all was read.
  core::Position next() {
    core::Position position = 0;
    return ::read(told_, &position, sizeof position) == sizeof position ? position : 0;
  }

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
  int told_ = -1;
};

RocksSettings restless() {
  RocksSettings settings = small_settings();
  settings.log_bytes_max = 512u << 10;  // flushes and compactions all the time
  return settings;
}

}  // namespace

TEST(RocksCrashChild, appends_until_it_is_killed) {
  const char* const folder = std::getenv(kFolderVariable);
  if (folder == nullptr) GTEST_SKIP() << "only as the child of another test";
  const auto store = open_store(folder, restless());
  for (core::Position at = store->durable().position + 1;; ++at) {
    ASSERT_TRUE(store->append(batch_at(at, 1 + at * 7919 % 4000)).ok());
    ASSERT_EQ(::write(kTold, &at, sizeof at), static_cast<ssize_t>(sizeof at));
  }
}

TEST(RocksCrash, loses_nothing_that_was_acknowledged) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  std::mt19937 random(1);
  core::Position acknowledged = 0;
  for (int round = 0; round < 15; ++round) {
    Child child(path);
    const core::Position first = child.next();
    ASSERT_GT(first, acknowledged) << "the child appends after what is there";
    if (round == 0) {
      const auto second = RocksStore::open(path, restless());
      ASSERT_FALSE(second.ok());
      EXPECT_EQ(second.refusal().code, base::RefusalCode::io_failed);
      EXPECT_EQ(fact(second.refusal(), "why"), "the store is in use by process " + std::to_string(child.process()));
      const auto reader = RocksStore::open_read_only(path);
      ASSERT_FALSE(reader.ok());
      EXPECT_EQ(fact(reader.refusal(), "why"), "the store is in use by process " + std::to_string(child.process()));
    }
    acknowledged = first;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 150'000));
    child.kill();
    for (core::Position told = child.next(); told != 0; told = child.next()) acknowledged = told;
    const auto store = RocksStore::open_read_only(path);
    ASSERT_TRUE(store.ok()) << store.refusal().english();
    const core::Position end = (*store)->durable().position;
    EXPECT_GE(end, acknowledged);
    EXPECT_LE(end, acknowledged + 1) << "at most the batch under way was not told";
    expect_consistent(**store);
    acknowledged = end;
  }
  EXPECT_GT(acknowledged, 30u);
}

}  // namespace relais::journal
