// What every store promises, asked of each of them.
#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "broker/journal/chain.h"
#include "broker/journal/memory_store.h"
#include "broker/journal/rocks_store.h"
#include "tests/support/temporary_folder.h"

namespace relais::journal {

namespace {

using core::TableId;
using Rows = std::vector<std::pair<std::string, std::string>>;

/// Builds a store and lets it live through a crash of its process.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual Store& store() = 0;
  virtual void restart() = 0;
};

class RocksSubject final : public Subject {
 public:
  RocksSubject() { restart(); }
  Store& store() override { return *store_; }
  void restart() override {
    store_ = nullptr;
    RocksSettings small;
    small.reserve_bytes = 1u << 20;
    auto opened = RocksStore::open(folder_.path() / "store", small);
    base::check(opened.ok(), "the store of the test opens");
    store_ = std::move(*opened);
  }

 private:
  tests::TemporaryFolder folder_;
  std::unique_ptr<RocksStore> store_;
};

class MemorySubject final : public Subject {
 public:
  Store& store() override { return *store_; }
  void restart() override { store_ = store_->after_crash(); }

 private:
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
  Store& store() { return subject_->store(); }
  void restart() { subject_->restart(); }

  core::Position append(Batch batch) {
    if (!batch.records.empty()) batch.first_position = store().durable().position + 1;
    auto done = store().append(batch);
    EXPECT_TRUE(done.ok());
    return done ? *done : 0;
  }
  Rows rows(TableId table, std::string_view from, std::string_view to, std::size_t count_max = 1000) {
    Rows seen;
    store().scan(table, from, to, [&](std::string_view key, std::string_view value) {
      seen.emplace_back(key, value);
      return seen.size() < count_max;
    });
    return seen;
  }
  std::vector<std::string> replayed(core::Position from) {
    std::vector<std::string> seen;
    auto end = store().replay(from, [&](const StoredRecord& record) {
      seen.push_back(record.bytes);
      return true;
    });
    EXPECT_TRUE(end.ok());
    return seen;
  }

 private:
  std::unique_ptr<Subject> subject_ = GetParam().make();
};

Batch records(std::vector<std::string> bytes) {
  Batch batch;
  batch.records = std::move(bytes);
  return batch;
}

Batch writes(std::vector<TableWrite> changes) {
  Batch batch;
  batch.writes = std::move(changes);
  return batch;
}

}  // namespace

TEST_P(StoreContract, begins_empty) {
  EXPECT_EQ(store().durable().position, 0u);
  EXPECT_EQ(store().durable().hash, base::Hash{});
  EXPECT_TRUE(replayed(0).empty());
  EXPECT_FALSE(store().record(0));
  EXPECT_FALSE(store().record(1));
  EXPECT_FALSE(store().get(TableId::queue, "a"));
  EXPECT_TRUE(store().payload({1, 0}).empty());
  EXPECT_TRUE(verify_chain(store()).ok());
  EXPECT_GT(store().free_bytes(), 0u);
}

TEST_P(StoreContract, numbers_records_densely_from_one) {
  EXPECT_EQ(append(records({"a", "b"})), 2u);
  EXPECT_EQ(append(records({"c"})), 3u);
  EXPECT_EQ(store().durable().position, 3u);
  EXPECT_EQ(replayed(0), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(replayed(1), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(replayed(3), (std::vector<std::string>{"c"}));
  EXPECT_TRUE(replayed(4).empty());
  EXPECT_EQ(store().record(2)->bytes, "b");
  EXPECT_EQ(store().record(2)->position, 2u);
  EXPECT_FALSE(store().record(4));
}

TEST_P(StoreContract, chains_each_record_to_the_one_before) {
  append(records({"a", "b"}));
  append(records({"", "d"}));
  base::Hash hash{};
  for (const std::string bytes : {"a", "b", "", "d"}) hash = base::hash(base::view(hash), bytes);
  EXPECT_EQ(store().durable().hash, hash);
  EXPECT_EQ(store().record(4)->hash, hash);
  const auto end = verify_chain(store());
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->position, 4u);
  EXPECT_EQ(end->hash, hash);
}

TEST_P(StoreContract, stops_a_replay_when_told) {
  append(records({"a", "b", "c"}));
  std::size_t seen = 0;
  const auto end = store().replay(1, [&](const StoredRecord&) { return ++seen < 2; });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(seen, 2u);
  EXPECT_EQ(end->position, 2u);
  EXPECT_EQ(end->hash, store().record(2)->hash);
}

TEST_P(StoreContract, appends_without_records_keep_the_position) {
  append(records({"a"}));
  EXPECT_EQ(append(writes({{TableId::cells, "k", "v"}})), 1u);
  EXPECT_EQ(append(Batch{}), 1u);
  EXPECT_EQ(store().get(TableId::cells, "k"), "v");
  EXPECT_TRUE(verify_chain(store()).ok());
}

TEST_P(StoreContract, refuses_a_gap_as_a_bug) {
  append(records({"a"}));
  Batch gap = records({"c"});
  gap.first_position = 3;
  EXPECT_DEATH(static_cast<void>(store().append(gap)), "begins where the journal ends");
  gap.first_position = 1;
  EXPECT_DEATH(static_cast<void>(store().append(gap)), "begins where the journal ends");
}

TEST_P(StoreContract, applies_the_writes_of_a_batch_in_order) {
  append(writes({{TableId::queue, "k", "1"},
                 {TableId::queue, "k", std::nullopt},
                 {TableId::queue, "k", "2"},
                 {TableId::queue, "gone", "1"},
                 {TableId::queue, "gone", std::nullopt},
                 {TableId::queue, "empty", ""}}));
  EXPECT_EQ(store().get(TableId::queue, "k"), "2");
  EXPECT_FALSE(store().get(TableId::queue, "gone"));
  EXPECT_EQ(store().get(TableId::queue, "empty"), "");
}

TEST_P(StoreContract, answers_many_keys_in_their_order) {
  std::vector<TableWrite> rows;
  for (int i = 0; i < 200; i += 2) rows.push_back({TableId::messages, "key" + std::to_string(i), std::to_string(i)});
  append(writes(rows));
  restart();  // some of the rows in files, the others not
  append(writes({{TableId::messages, "key0", std::nullopt}, {TableId::messages, "key4", "new"}}));
  std::vector<std::string> keys;
  for (int i = 199; i >= 0; --i) keys.push_back("key" + std::to_string(i));
  keys.emplace_back("key4");
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  const auto values = store().get_many(TableId::messages, views);
  ASSERT_EQ(values.size(), views.size());
  for (std::size_t i = 0; i < views.size(); ++i)
    EXPECT_EQ(values[i], store().get(TableId::messages, views[i])) << views[i];
  EXPECT_EQ(values.back(), "new");
  EXPECT_EQ(store().get_many(TableId::cases, views), std::vector<std::optional<std::string>>(views.size()));
  EXPECT_TRUE(store().get_many(TableId::messages, {}).empty());
}

TEST_P(StoreContract, keeps_tables_apart) {
  for (const auto table : core::kTables) append(writes({{table, "k", std::string(core::table_name(table))}}));
  for (const auto table : core::kTables) {
    EXPECT_EQ(store().get(table, "k"), core::table_name(table));
    EXPECT_EQ(rows(table, "", "").size(), 1u);
  }
}

TEST_P(StoreContract, scans_keys_as_unsigned_bytes_from_and_to) {
  append(writes({{TableId::timers, "b", "2"},
                 {TableId::timers, "\xff", "5"},
                 {TableId::timers, "a", "1"},
                 {TableId::timers, std::string("b\0", 2), "3"},
                 {TableId::timers, "\x80", "4"}}));
  const Rows all = {{"a", "1"}, {"b", "2"}, {std::string("b\0", 2), "3"}, {"\x80", "4"}, {"\xff", "5"}};
  EXPECT_EQ(rows(TableId::timers, "", ""), all);
  EXPECT_EQ(rows(TableId::timers, "b", ""), Rows(all.begin() + 1, all.end()));
  EXPECT_EQ(rows(TableId::timers, "a", "b"), Rows(all.begin(), all.begin() + 1));
  EXPECT_EQ(rows(TableId::timers, "aa", "\x80"), Rows(all.begin() + 1, all.begin() + 3));
  EXPECT_EQ(rows(TableId::timers, "", "", 2), Rows(all.begin(), all.begin() + 2));
  EXPECT_TRUE(rows(TableId::timers, "b", "b").empty());
  EXPECT_TRUE(rows(TableId::timers, "c", "b").empty());
}

TEST_P(StoreContract, lets_a_visitor_read) {
  append(writes({{TableId::queue, "a", "m1"}, {TableId::queue, "b", "m2"}, {TableId::messages, "m2", "found"}}));
  std::vector<std::optional<std::string>> found;
  store().scan(TableId::queue, "", "", [&](std::string_view, std::string_view value) {
    found.push_back(store().get(TableId::messages, value));
    return true;
  });
  EXPECT_EQ(found, (std::vector<std::optional<std::string>>{std::nullopt, "found"}));
}

TEST_P(StoreContract, keeps_payloads_until_they_are_erased_and_the_chain_verifies) {
  Batch batch = records({"a", "b"});
  const std::string large(1u << 20, 'x');
  batch.payloads = {{{1, 0}, {"identity", "", large}}, {{1, 1}, {"contact"}}, {{2, 0}, {"housing"}}};
  append(batch);
  EXPECT_EQ(store().payload({1, 0}), (std::vector<std::string>{"identity", "", large}));
  EXPECT_EQ(store().payload({1, 1}), (std::vector<std::string>{"contact"}));
  Batch erasing = records({"c"});
  erasing.erased_payloads = {{1, 0}, {7, 7}};
  append(erasing);
  EXPECT_TRUE(store().payload({1, 0}).empty());
  EXPECT_EQ(store().payload({1, 1}), (std::vector<std::string>{"contact"}));
  EXPECT_EQ(store().payload({2, 0}), (std::vector<std::string>{"housing"}));
  EXPECT_TRUE(verify_chain(store()).ok());
}

TEST_P(StoreContract, finds_everything_again_after_a_restart) {
  Batch batch = records({"a", "b"});
  batch.payloads = {{{2, 0}, {"identity"}}};
  batch.writes = {{TableId::messages, "m", "row"}, {TableId::queue, "q", "row"}};
  append(batch);
  append(writes({{TableId::queue, "q", std::nullopt}}));
  const ChainEnd before = store().durable();
  restart();
  EXPECT_EQ(store().durable().position, before.position);
  EXPECT_EQ(store().durable().hash, before.hash);
  EXPECT_EQ(store().get(TableId::messages, "m"), "row");
  EXPECT_FALSE(store().get(TableId::queue, "q"));
  EXPECT_EQ(store().payload({2, 0}), (std::vector<std::string>{"identity"}));
  EXPECT_EQ(append(records({"c"})), 3u);
  restart();
  EXPECT_EQ(replayed(0), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(verify_chain(store()).ok());
}

TEST_P(StoreContract, shows_readers_each_batch_whole_while_it_appends) {
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    while (!done) {
      std::vector<std::string> values;
      store().scan(TableId::lines, "", "", [&](std::string_view, std::string_view value) {
        values.emplace_back(value);
        return true;
      });
      for (const auto& value : values)
        if (value != values.front()) ++torn;
      const auto end = store().durable();
      if (end.position > 0 && store().record(end.position)->hash != end.hash) ++torn;
    }
  });
  for (int i = 0; i < 200; ++i) {
    Batch batch = records({std::to_string(i)});
    for (const char* key : {"a", "b", "c"}) batch.writes.push_back({TableId::lines, key, std::to_string(i)});
    append(batch);
  }
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         testing::Values(Kind{"rocks", [] { return std::make_unique<RocksSubject>(); }},
                                         Kind{"memory", [] { return std::make_unique<MemorySubject>(); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace relais::journal
