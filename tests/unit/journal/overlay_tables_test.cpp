#include "broker/journal/overlay_tables.h"

#include <atomic>
#include <deque>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "broker/base/bounded_queue.h"
#include "broker/journal/memory_store.h"
#include "tests/unit/journal/counting_store.h"

namespace relais::journal {

namespace {

using core::TableId;
using Model = std::map<std::string, std::string>;

Model all(const core::Tables& tables, TableId table, std::string_view from = "", std::string_view to = "") {
  Model seen;
  std::string last;
  tables.scan(table, from, to, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(seen.empty() || last < key) << "keys come in ascending order";
    last = key;
    seen.emplace(key, value);
    return true;
  });
  return seen;
}

}  // namespace

TEST(OverlayTables, show_their_own_writes_before_the_store_has_them) {
  MemoryStore store;
  OverlayTables tables(store, 10);
  tables.put(TableId::queue, "a", "1");
  EXPECT_EQ(tables.get(TableId::queue, "a"), "1");
  EXPECT_EQ(all(tables, TableId::queue), (Model{{"a", "1"}}));
  EXPECT_FALSE(tables.get(TableId::parked, "a"));
  EXPECT_FALSE(store.get(TableId::queue, "a"));
  tables.erase(TableId::queue, "a");
  EXPECT_FALSE(tables.get(TableId::queue, "a"));
  EXPECT_TRUE(all(tables, TableId::queue).empty());
}

TEST(OverlayTables, hand_one_write_for_each_key_to_the_batch) {
  MemoryStore store;
  OverlayTables tables(store, 10);
  tables.put(TableId::queue, "a", "1");
  tables.put(TableId::queue, "a", "2");
  tables.put(TableId::queue, "b", "1");
  tables.erase(TableId::queue, "b");
  tables.put(TableId::cells, "a", "3");
  const auto [generation, writes] = tables.take_writes();
  EXPECT_EQ(generation, 1u);
  ASSERT_EQ(writes.size(), 3u);
  EXPECT_EQ(writes[0].value, "2");
  EXPECT_EQ(writes[1].key, "b");
  EXPECT_FALSE(writes[1].value);
  EXPECT_EQ(writes[2].table, TableId::cells);
  EXPECT_TRUE(tables.take_writes().second.empty());
}

TEST(OverlayTables, pin_rows_until_their_own_generation_is_committed) {
  MemoryStore store;
  OverlayTables tables(store, 10);
  tables.put(TableId::queue, "k", "first");
  const auto [first, first_writes] = tables.take_writes();
  tables.put(TableId::queue, "k", "second");
  tables.put(TableId::queue, "other", "x");
  const auto [second, second_writes] = tables.take_writes();
  tables.erase(TableId::queue, "other");

  // The store does not hold anything yet, then only the first: neither shows.
  EXPECT_EQ(tables.get(TableId::queue, "k"), "second");
  Batch batch;
  batch.writes = first_writes;
  ASSERT_TRUE(store.append(batch).ok());
  tables.committed(first);
  EXPECT_EQ(tables.get(TableId::queue, "k"), "second");
  EXPECT_EQ(all(tables, TableId::queue), (Model{{"k", "second"}}));
  batch.writes = second_writes;
  ASSERT_TRUE(store.append(batch).ok());
  tables.committed(second);
  EXPECT_EQ(tables.get(TableId::queue, "k"), "second");
  EXPECT_FALSE(tables.get(TableId::queue, "other")) << "erased in the open generation";
  commit(store, tables);
  EXPECT_FALSE(store.get(TableId::queue, "other"));
}

TEST(OverlayTables, survive_several_generations_committed_at_once) {
  MemoryStore store;
  OverlayTables tables(store, 10);
  Batch batch;
  std::uint64_t last = 0;
  for (const char* value : {"1", "2", "3"}) {
    tables.put(TableId::queue, "k", value);
    auto [generation, writes] = tables.take_writes();
    batch.writes.insert(batch.writes.end(), writes.begin(), writes.end());
    last = generation;
  }
  ASSERT_TRUE(store.append(batch).ok());
  tables.committed(last);
  EXPECT_EQ(tables.get(TableId::queue, "k"), "3");
  EXPECT_EQ(store.get(TableId::queue, "k"), "3");
}

TEST(OverlayTables, refuse_a_commit_of_what_was_not_taken) {
  MemoryStore store;
  OverlayTables tables(store, 10);
  EXPECT_DEATH(tables.committed(1), "was taken before");
}

TEST(OverlayTables, show_in_order_what_is_written_between_two_scans) {
  MemoryStore store;
  OverlayTables tables(store, 4);
  tables.put(TableId::queue, "m", "1");
  EXPECT_EQ(all(tables, TableId::queue), (Model{{"m", "1"}}));
  tables.put(TableId::queue, "z", "2");
  tables.put(TableId::queue, "a", "3");
  tables.erase(TableId::queue, "m");
  EXPECT_EQ(all(tables, TableId::queue), (Model{{"a", "3"}, {"z", "2"}}));
  const auto taken = tables.take_writes();
  ASSERT_TRUE(store.append({0, {}, {}, {}, taken.second}));
  tables.put(TableId::queue, "m", "4");
  tables.put(TableId::queue, "z", "5");
  EXPECT_EQ(all(tables, TableId::queue, "b"), (Model{{"m", "4"}, {"z", "5"}}));
  tables.committed(taken.first);
  EXPECT_EQ(all(tables, TableId::queue), (Model{{"a", "3"}, {"m", "4"}, {"z", "5"}}));
}

TEST(OverlayTables, merge_the_store_and_the_pinned_rows_in_order) {
  MemoryStore store;
  OverlayTables tables(store, 2);
  for (const char* key : {"b", "d", "f", "h"}) tables.put(TableId::queue, key, "old");
  commit(store, tables);
  tables.put(TableId::queue, "a", "new");
  tables.erase(TableId::queue, "b");
  tables.put(TableId::queue, "d", "new");
  tables.put(TableId::queue, "e", "new");
  tables.put(TableId::queue, "i", "new");
  EXPECT_EQ(all(tables, TableId::queue),
            (Model{{"a", "new"}, {"d", "new"}, {"e", "new"}, {"f", "old"}, {"h", "old"}, {"i", "new"}}));
  EXPECT_EQ(all(tables, TableId::queue, "b", "f"), (Model{{"d", "new"}, {"e", "new"}}));
  EXPECT_EQ(all(tables, TableId::queue, "i"), (Model{{"i", "new"}}));
  EXPECT_TRUE(all(tables, TableId::queue, "f", "b").empty());
  for (std::size_t stop = 1; stop <= 6; ++stop) {
    std::size_t seen = 0;
    tables.scan(TableId::queue, "", "", [&](std::string_view, std::string_view) { return ++seen < stop; });
    EXPECT_EQ(seen, stop);
  }
}

TEST(OverlayTables, let_a_visitor_read_and_write_elsewhere) {
  MemoryStore store;
  OverlayTables tables(store, 1);
  tables.put(TableId::queue, "a", "m1");
  tables.put(TableId::messages, "m1", "row");
  commit(store, tables);
  tables.put(TableId::queue, "b", "m1");
  int found = 0;
  tables.scan(TableId::queue, "", "", [&](std::string_view key, std::string_view value) {
    found += tables.get(TableId::messages, value) == "row" ? 1 : 0;
    tables.put(TableId::timers, key, "");
    return true;
  });
  EXPECT_EQ(found, 2);
  EXPECT_EQ(all(tables, TableId::timers).size(), 2u);
}

/// Random work against a plain map; batches stay in flight for a while and are committed late.
class RandomWork : public testing::TestWithParam<unsigned> {};

TEST_P(RandomWork, agrees_with_a_map) {
  std::mt19937 random(GetParam());
  const auto below = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
  const auto key = [&] { return std::string(1 + below(2), static_cast<char>('a' + below(12))); };
  MemoryStore store;
  OverlayTables tables(store, below(6));
  Model model;
  std::deque<std::pair<std::uint64_t, Batch>> in_flight;
  std::uint64_t appended = 0;
  for (int step = 0; step < 3000; ++step) {
    const std::string at = key();
    switch (below(10)) {
      case 0:
      case 1:
      case 2: {
        const std::string value = std::to_string(step);
        tables.put(TableId::queue, at, value);
        model[at] = value;
        break;
      }
      case 3:
      case 4:
        tables.erase(TableId::queue, at);
        model.erase(at);
        break;
      case 5:
        if (in_flight.size() < 4) {
          auto [generation, writes] = tables.take_writes();
          Batch batch;
          batch.writes = std::move(writes);
          in_flight.emplace_back(generation, std::move(batch));
        }
        break;
      case 6:  // appended, but the engine does not know yet
        for (const auto& [generation, batch] : in_flight) {
          if (generation <= appended) continue;
          ASSERT_TRUE(store.append(batch).ok());
          appended = generation;
          break;
        }
        break;
      case 7:
        if (!in_flight.empty() && in_flight.front().first <= appended) {
          tables.committed(in_flight.front().first);
          in_flight.pop_front();
        }
        break;
      case 8: {
        std::string from = key();
        std::string to = key();
        Model expected;
        for (const auto& [k, v] : model)
          if (k >= from && k < to) expected.emplace(k, v);
        ASSERT_EQ(all(tables, TableId::queue, from, to), expected) << "step " << step;
        break;
      }
      default: {
        const auto expected = model.find(at);
        const auto found = tables.get(TableId::queue, at);
        ASSERT_EQ(found.has_value(), expected != model.end()) << "step " << step;
        if (found) {
          ASSERT_EQ(*found, expected->second) << "step " << step;
        }
      }
    }
  }
  ASSERT_EQ(all(tables, TableId::queue), model);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWork, testing::Range(1u, 41u));

TEST(OverlayTables, never_show_a_stale_row_while_another_thread_appends) {
  MemoryStore store;
  OverlayTables tables(store, 4);  // small, so that rows are evicted and read from the store again
  struct Work {
    std::uint64_t generation = 0;
    Batch batch;
  };
  base::BoundedQueue<Work> to_commit(100);
  base::BoundedQueue<std::uint64_t> done(100);
  std::thread committer([&] {
    for (;;) {
      auto taken = to_commit.take(1, std::chrono::steady_clock::now() + std::chrono::seconds(5));
      if (taken.empty()) return;
      base::check(store.append(taken[0].batch).ok(), "the append succeeds");
      base::check(done.push(std::uint64_t{taken[0].generation}), "the queue has room");
    }
  });
  Model model;
  std::mt19937 random(7);
  std::uint64_t in_flight = 0;
  int wrong = 0;
  for (int step = 0; step < 100'000; ++step) {
    const std::string key = std::to_string(random() % 40);
    if (random() % 3 == 0) {
      model[key] = std::to_string(step);
      tables.put(TableId::lines, key, model[key]);
    } else if (random() % 8 == 0) {
      model.erase(key);
      tables.erase(TableId::lines, key);
    } else {
      const auto found = tables.get(TableId::lines, key);
      const auto expected = model.find(key);
      if (found.has_value() != (expected != model.end()) || (found && *found != expected->second)) ++wrong;
    }
    if (step % 20 == 0 && in_flight < 3) {
      auto [generation, writes] = tables.take_writes();
      Work work{generation, {}};
      work.batch.writes = std::move(writes);
      ASSERT_TRUE(to_commit.push(std::move(work)));
      ++in_flight;
    }
    if (step % 7 == 0)
      for (const auto generation : done.take(10, {})) {
        tables.committed(generation);
        --in_flight;
      }
    if (step % 1000 == 0 && all(tables, TableId::lines) != model) ++wrong;
  }
  to_commit.close();
  committer.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace relais::journal
