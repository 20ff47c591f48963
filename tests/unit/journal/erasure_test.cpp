// Contents that were erased are gone from the disk, and the chain of records still verifies.
#include "tests/unit/journal/rocks_support.h"

namespace relais::journal {

namespace {

namespace fs = std::filesystem;

constexpr int kMessages = 200;

/// Bytes that nothing else in the store could hold, and that no compression would change.
std::string mark_of(int message) { return "erase-me-" + std::to_string(message) + "-0123456789abcdef"; }

Batch message(core::Position position, const std::string& mark) {
  auto batch = batch_at(position);
  batch.payloads = {{{position, 0}, {std::string(3000, 's') + mark}}};
  return batch;
}

/// How many of the marks stand in some file of the folder.
int marks_on_disk(const fs::path& folder) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += read_file(entry.path());
  int found = 0;
  for (int i = 1; i <= kMessages; ++i) found += all.find(mark_of(i)) != std::string::npos;
  return found;
}

class ErasureTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = open_store(folder_.path());
    for (int i = 1; i <= kMessages; ++i)
      ASSERT_TRUE(store_->append(message(static_cast<core::Position>(i), mark_of(i))).ok());
  }

  void erase(int from, int to) {
    auto batch = batch_at(store_->durable().position + 1);
    batch.payloads.clear();
    for (int i = from; i <= to; ++i) batch.erased_payloads.emplace_back(static_cast<core::Position>(i), 0u);
    ASSERT_TRUE(store_->append(batch).ok());
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<RocksStore> store_;
};

}  // namespace

TEST_F(ErasureTest, what_was_erased_is_in_no_file_after_a_purge) {
  ASSERT_GT(marks_on_disk(folder_.path()), kMessages / 2) << "in the log, whose blocks cut some of them in two";
  ASSERT_TRUE(store_->purge_erased().ok());
  ASSERT_EQ(marks_on_disk(folder_.path()), kMessages) << "in tables now, and kept";
  erase(1, kMessages / 2);
  EXPECT_EQ(marks_on_disk(folder_.path()), kMessages) << "erasing alone leaves the bytes where they are";
  ASSERT_TRUE(store_->purge_erased().ok());
  EXPECT_EQ(marks_on_disk(folder_.path()), kMessages / 2);
  EXPECT_TRUE(store_->payload({1, 0}).empty());
  EXPECT_EQ(store_->payload({kMessages, 0}).size(), 1u);
  EXPECT_TRUE(verify_chain(*store_).ok());
  erase(kMessages / 2 + 1, kMessages);
  ASSERT_TRUE(store_->purge_erased().ok());
  EXPECT_EQ(marks_on_disk(folder_.path()), 0);
}

TEST_F(ErasureTest, a_purge_lets_appends_go_on_and_survives_a_restart) {
  erase(1, kMessages);
  std::thread load([&] {
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(store_->append(batch_at(store_->durable().position + 1)).ok());
  });
  const auto purged = store_->purge_erased();
  load.join();
  ASSERT_TRUE(purged.ok());
  const auto end = store_->durable().position;
  store_ = nullptr;
  store_ = open_store(folder_.path());
  EXPECT_EQ(store_->durable().position, end);
  EXPECT_TRUE(verify_chain(*store_).ok());
  EXPECT_EQ(marks_on_disk(folder_.path()), 0);
}

}  // namespace relais::journal
