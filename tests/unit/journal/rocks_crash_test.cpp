// A process that is killed in the middle of its appends: all it told of is there.
#include <chrono>
#include <random>
#include <thread>

#include "tests/unit/journal/child.h"
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

RocksSettings restless() {
  RocksSettings settings = small_settings();
  settings.log_bytes_max = 512u << 10;  // flushes and compactions all the time
  return settings;
}

}  // namespace

void append_until_killed(const std::filesystem::path& folder) {
  const auto store = open_store(folder, restless());
  for (core::Position at = store->durable().position + 1;; ++at) {
    ASSERT_TRUE(store->append(batch_at(at, 1 + at * 7919 % 4000)).ok());
    Child::tell(at);
  }
}

TEST(RocksCrash, loses_nothing_that_was_acknowledged) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / "store";
  std::mt19937 random(1);
  core::Position acknowledged = 0;
  for (int round = 0; round < 15; ++round) {
    Child child(kAppendUntilKilled, path);
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
