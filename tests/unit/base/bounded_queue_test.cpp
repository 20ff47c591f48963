#include "broker/base/bounded_queue.h"

#include <atomic>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace relais::base {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::hours kLong{1};

TEST(BoundedQueue, refuses_when_full_and_leaves_the_item_alone) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(second)));
  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(queue.size(), 1U);
}

TEST(BoundedQueue, gives_items_in_order_and_no_more_than_asked) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(int(i)));
  EXPECT_EQ(queue.take(2, steady_clock::now()), (std::vector<int>{0, 1}));
  EXPECT_EQ(queue.take(10, steady_clock::now()), (std::vector<int>{2, 3, 4}));
}

TEST(BoundedQueue, comes_back_empty_at_the_deadline) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.take(1, steady_clock::now() + std::chrono::milliseconds(5)).empty());
}

TEST(BoundedQueue, wakes_for_an_item_a_poke_and_a_close) {
  BoundedQueue<int> queue(1);
  std::thread other([&] { EXPECT_TRUE(queue.push(7)); });
  EXPECT_EQ(queue.take(1, steady_clock::now() + kLong), std::vector<int>{7});
  other.join();
  other = std::thread([&] { queue.poke(); });
  EXPECT_TRUE(queue.take(1, steady_clock::now() + kLong).empty());
  other.join();
  other = std::thread([&] { queue.close(); });
  EXPECT_TRUE(queue.take(1, steady_clock::now() + kLong).empty());
  other.join();
}

TEST(BoundedQueue, gives_what_is_inside_after_it_was_closed_and_takes_nothing_new) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.push(1));
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.take(3, steady_clock::now() + kLong), std::vector<int>{1});
}

TEST(BoundedQueue, loses_nothing_between_many_producers_and_one_consumer) {
  constexpr int kProducers = 4;
  constexpr int kEach = 2000;
  BoundedQueue<int> queue(64);
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p)
    producers.emplace_back([&queue, p] {
      for (int i = 0; i < kEach; ++i)
        while (!queue.push(p * kEach + i)) std::this_thread::yield();
    });
  std::vector<int> last(kProducers, -1);
  for (int taken = 0; taken < kProducers * kEach;) {
    for (const int item : queue.take(16, steady_clock::now() + kLong)) {
      int& before = last[static_cast<std::size_t>(item / kEach)];
      EXPECT_EQ(item % kEach, before + 1);
      before = item % kEach;
      ++taken;
    }
  }
  for (auto& producer : producers) producer.join();
}

}  // namespace
}  // namespace relais::base
