#include "adapters/sdk/store.h"

#include <thread>

#include <gtest/gtest.h>

#include "adapters/sdk/inbox.h"
#include "adapters/sdk/links.h"
#include "adapters/sdk/local_store.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

class SetClock final : public base::Clock {
 public:
  [[nodiscard]] base::Instant now() const override { return at; }
  base::Instant at = base::from_ms(1'800'000'000'000);
};

class StoreTest : public ::testing::Test {
 protected:
  void open() {
    store.reset();
    auto opened = Store::open(folder.path() / "adapter", clock);
    ASSERT_TRUE(opened) << opened.refusal().english();
    store = std::move(*opened);
  }
  void SetUp() override { open(); }

  tests::TemporaryFolder folder;
  SetClock clock;
  std::unique_ptr<Store> store;
};

TEST_F(StoreTest, keeps_a_change_across_areas_after_it_was_opened_again) {
  Change change;
  change.put(Area::notes, "a", "1");
  change.put(Area::referrals, "a", "2");
  change.put(Area::notes, "b", "3");
  ASSERT_TRUE(store->write(change));
  Change second;
  second.erase(Area::notes, "b");
  ASSERT_TRUE(store->write(second));
  ASSERT_TRUE(store->sync());
  open();
  EXPECT_EQ(store->get(Area::notes, "a"), "1");
  EXPECT_EQ(store->get(Area::referrals, "a"), "2");
  EXPECT_FALSE(store->contains(Area::notes, "b"));
}

TEST_F(StoreTest, is_opened_by_one_process_at_a_time_and_says_so) {
  const auto second = Store::open(folder.path() / "adapter", clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.refusal().code, base::RefusalCode::io_failed);
}

TEST_F(StoreTest, refuses_a_format_that_it_does_not_know) {
  Change change;
  change.put(Area::meta, "format", "9");
  ASSERT_TRUE(store->write(change));
  store.reset();
  const auto opened = Store::open(folder.path() / "adapter", clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.refusal().code, base::RefusalCode::journal_version);
}

TEST_F(StoreTest, refuses_a_folder_that_can_not_be_made) {
  const auto opened = Store::open(folder.path() / "missing" / "adapter", clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.refusal().code, base::RefusalCode::io_failed);
}

TEST_F(StoreTest, syncs_for_many_threads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      LocalStore local(*store);
      for (int i = 0; i < 50; ++i) ASSERT_TRUE(local.put(std::to_string(t) + "/" + std::to_string(i), "x"));
    });
  for (auto& thread : threads) thread.join();
  int found = 0;
  LocalStore(*store).scan("", [&](auto, auto) { return ++found > 0; });
  EXPECT_EQ(found, 200);
}

TEST_F(StoreTest, scans_one_prefix_and_lets_the_visitor_write_and_stop) {
  LocalStore local(*store);
  ASSERT_TRUE(local.write({{"a/1", "x"}, {"a/2", "y"}, {"a/3", "z"}, {"b/1", "w"}}));
  std::string seen;
  local.scan("a/", [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(local.erase(key));
    seen += value;
    return seen.size() < 2;
  });
  EXPECT_EQ(seen, "xy");
  EXPECT_FALSE(local.get("a/1"));
  EXPECT_TRUE(local.get("a/3"));
}

TEST_F(StoreTest, drops_marks_after_their_time_and_nothing_else) {
  Inbox inbox(*store, clock);
  Change change;
  inbox.handled(change, "caf-25", "old");
  change.put(Area::notes, "note", "stays");
  ASSERT_TRUE(store->write(change));
  clock.at += kMarkAge - std::chrono::hours(1);
  Change later;
  inbox.handled(later, "caf-25", "new");
  ASSERT_TRUE(store->write(later));
  store->tidy();
  EXPECT_TRUE(inbox.was_handled("caf-25", "old"));
  clock.at += std::chrono::hours(2);
  store->tidy();
  EXPECT_FALSE(inbox.was_handled("caf-25", "old"));
  EXPECT_TRUE(inbox.was_handled("caf-25", "new"));
  EXPECT_EQ(store->get(Area::notes, "note"), "stays");
}

TEST_F(StoreTest, knows_a_begun_delivery_until_its_outcome_is_noted) {
  Inbox inbox(*store, clock);
  EXPECT_FALSE(inbox.was_begun("caf-25", "m"));
  ASSERT_TRUE(inbox.begin("caf-25", "m"));
  EXPECT_TRUE(inbox.was_begun("caf-25", "m"));
  EXPECT_FALSE(inbox.was_begun("cpam-25", "m"));
  Change change;
  inbox.handled(change, "caf-25", "m");
  ASSERT_TRUE(store->write(change));
  EXPECT_FALSE(inbox.was_begun("caf-25", "m"));
  EXPECT_TRUE(inbox.was_handled("caf-25", "m"));
  EXPECT_FALSE(inbox.was_handled("cpam-25", "m"));
}

TEST_F(StoreTest, links_both_ways_and_replaces_both_ways) {
  LocalStore local(*store);
  const Links links(local);
  ASSERT_TRUE(local.write(links.link("caf-25", LinkKind::referral, "D-17/a", "id-1")));
  EXPECT_EQ(links.id("caf-25", LinkKind::referral, "D-17/a"), "id-1");
  EXPECT_EQ(links.reference("caf-25", LinkKind::referral, "id-1"), "D-17/a");
  EXPECT_FALSE(links.id("cpam-25", LinkKind::referral, "D-17/a"));
  EXPECT_FALSE(links.id("caf-25", LinkKind::parcours, "D-17/a"));
  ASSERT_TRUE(local.write(links.link("caf-25", LinkKind::referral, "D-17/a", "id-2")));
  EXPECT_EQ(links.id("caf-25", LinkKind::referral, "D-17/a"), "id-2");
  EXPECT_FALSE(links.reference("caf-25", LinkKind::referral, "id-1"));
  ASSERT_TRUE(local.write(links.link("caf-25", LinkKind::referral, "D-18", "id-2")));
  EXPECT_FALSE(links.id("caf-25", LinkKind::referral, "D-17/a"));
  ASSERT_TRUE(local.write(links.unlink("caf-25", LinkKind::referral, "D-18")));
  EXPECT_FALSE(links.reference("caf-25", LinkKind::referral, "id-2"));
}

TEST(SequenceKey, sorts_like_the_numbers) {
  EXPECT_LT(sequence_key(255), sequence_key(256));
  EXPECT_LT(sequence_key(0), sequence_key(1));
  EXPECT_EQ(sequence_of(sequence_key(0x0102030405060708)), 0x0102030405060708u);
}

}  // namespace
}  // namespace relais::sdk
