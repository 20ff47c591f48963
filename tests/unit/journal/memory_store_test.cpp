#include "broker/journal/memory_store.h"

#include <gtest/gtest.h>

#include "broker/journal/chain.h"

namespace relais::journal {

namespace {

Batch one_record(const Store& store, std::string bytes) {
  Batch batch;
  batch.first_position = store.durable().position + 1;
  batch.records = {std::move(bytes)};
  batch.writes = {{core::TableId::cells, "last", batch.records[0]}};
  return batch;
}

}  // namespace

TEST(MemoryStore, goes_on_after_a_full_disk) {
  MemoryStore store;
  ASSERT_TRUE(store.append(one_record(store, "a")).ok());
  store.fail_next_append(AppendFault::disk_full);
  const auto refused = store.append(one_record(store, "b"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.refusal().code, base::RefusalCode::broker_disk_full);
  EXPECT_EQ(store.durable().position, 1u);
  EXPECT_EQ(store.get(core::TableId::cells, "last"), "a");
  EXPECT_TRUE(store.append(one_record(store, "b")).ok());
  EXPECT_EQ(store.durable().position, 2u);
}

TEST(MemoryStore, refuses_every_append_after_a_failed_one) {
  MemoryStore store;
  store.fail_next_append(AppendFault::io_failed);
  for (int i = 0; i < 3; ++i) {
    const auto refused = store.append(one_record(store, "a"));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.refusal().code, base::RefusalCode::io_failed);
  }
  EXPECT_EQ(store.durable().position, 0u);
  const auto next = store.after_crash();
  EXPECT_EQ(next->durable().position, 0u);
  EXPECT_TRUE(next->append(one_record(*next, "a")).ok());
}

TEST(MemoryStore, reveals_after_a_crash_the_batch_that_reached_the_disk_all_the_same) {
  MemoryStore store;
  store.fail_next_append(AppendFault::io_failed_kept);
  ASSERT_FALSE(store.append(one_record(store, "a")).ok());
  EXPECT_EQ(store.durable().position, 0u);
  EXPECT_FALSE(store.get(core::TableId::cells, "last"));
  const auto next = store.after_crash();
  EXPECT_EQ(next->durable().position, 1u);
  EXPECT_EQ(next->get(core::TableId::cells, "last"), "a");
  EXPECT_TRUE(verify_chain(*next).ok());
}

TEST(MemoryStore, tells_where_a_record_was_damaged) {
  MemoryStore store;
  for (const char* bytes : {"a", "b", "c"}) ASSERT_TRUE(store.append(one_record(store, bytes)).ok());
  store.damage_record(2);
  core::Position shown = 0;
  const auto stopped = store.replay(1, [&](const StoredRecord& record) {
    shown = record.position;
    return true;
  });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(shown, 1u);
  EXPECT_EQ(stopped.refusal().code, base::RefusalCode::journal_damaged);
  EXPECT_EQ(stopped.refusal().facts[0], std::make_pair(std::string("position"), std::string("2")));
  const auto verified = verify_chain(store);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.refusal().facts[0].second, "2");
}

TEST(MemoryStore, says_how_much_is_free_as_told) {
  MemoryStore store;
  store.set_free_bytes(17);
  EXPECT_EQ(store.free_bytes(), 17u);
}

}  // namespace relais::journal
