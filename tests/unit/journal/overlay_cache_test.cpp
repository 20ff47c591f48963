#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "broker/journal/overlay_tables.h"
#include "tests/unit/journal/counting_store.h"

namespace relais::journal {

using core::TableId;

TEST(OverlayCache, keep_rows_in_a_bounded_cache) {
  CountingStore store;
  OverlayTables tables(store, 3);
  for (const char* key : {"a", "b", "c", "d", "e"}) tables.put(TableId::cases, key, key);
  commit(store, tables);
  EXPECT_EQ(tables.get(TableId::cases, "e"), "e");
  EXPECT_EQ(store.gets, 0) << "a committed row is still in memory";
  for (int round = 0; round < 10; ++round) EXPECT_EQ(tables.get(TableId::cases, "a"), "a");
  EXPECT_EQ(store.gets, 1);
  for (const char* key : {"b", "c", "d"}) {
    EXPECT_EQ(tables.get(TableId::cases, "a"), "a");  // used again and again, so it stays
    EXPECT_EQ(tables.get(TableId::cases, key), key);
  }
  const int before = store.gets;
  EXPECT_EQ(tables.get(TableId::cases, "a"), "a");
  EXPECT_EQ(store.gets, before);
  EXPECT_FALSE(tables.get(TableId::cases, "absent"));
  EXPECT_FALSE(tables.get(TableId::cases, "absent"));
  EXPECT_EQ(store.gets, before + 1) << "that there is none is known like a row";
  for (int other = 0; other < 20; ++other) EXPECT_FALSE(tables.get(TableId::cases, "absent-" + std::to_string(other)));
  EXPECT_FALSE(tables.get(TableId::cases, "absent"));
  EXPECT_EQ(store.gets, before + 22) << "and bounded like one";
}

TEST(OverlayCache, know_a_row_that_was_absent_a_moment_ago) {
  for (const std::size_t kept : {0u, 2u}) {
    CountingStore store;
    OverlayTables tables(store, kept);
    EXPECT_FALSE(tables.get(TableId::messages, "k"));
    EXPECT_FALSE(tables.get(TableId::cases, "k"));
    tables.put(TableId::messages, "k", "1");
    EXPECT_EQ(tables.get(TableId::messages, "k"), "1");
    commit(store, tables);
    EXPECT_EQ(tables.get(TableId::messages, "k"), "1") << "the store's, which has it now";
    EXPECT_FALSE(tables.get(TableId::cases, "k"));
    EXPECT_EQ(store.gets, kept == 0 ? 4 : 2) << "of another table, still absent";
    tables.erase(TableId::messages, "k");
    commit(store, tables);
    EXPECT_FALSE(tables.get(TableId::messages, "k"));
  }
}

TEST(OverlayCache, look_ahead_for_many_keys_in_one_go) {
  CountingStore store;
  OverlayTables tables(store, 8);
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) tables.put(TableId::cases, key, key);
  commit(store, tables);  // two of the ten are no longer in memory
  tables.put(TableId::cases, "new", "1");
  tables.erase(TableId::cases, "b");
  const std::vector<std::string_view> keys{"b", "a", "x", "new", "y", "x"};
  tables.look_ahead(TableId::cases, keys);
  EXPECT_EQ(store.many, 1);
  const int before = store.gets;
  EXPECT_EQ(tables.get(TableId::cases, "a"), "a");
  EXPECT_EQ(tables.get(TableId::cases, "new"), "1") << "what is decided and not yet durable stands";
  EXPECT_FALSE(tables.get(TableId::cases, "b"));
  EXPECT_FALSE(tables.get(TableId::cases, "x"));
  EXPECT_FALSE(tables.get(TableId::cases, "y"));
  EXPECT_EQ(store.gets, before);
  tables.put(TableId::cases, "x", "2");
  EXPECT_EQ(tables.get(TableId::cases, "x"), "2");
  commit(store, tables);
  EXPECT_EQ(store.get(TableId::cases, "x"), "2");
}

}  // namespace relais::journal
