// A real relaisd and real adapters, each killed with SIGKILL at an instant that is known: what was submitted arrives
// once in its effect, with one position.
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/integration/sdk/dead_endpoint.h"
#include "tests/support/child_program.h"
#include "tests/support/real_network.h"

namespace relais::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kBrokerPatience = std::chrono::seconds(90);

struct Life {
  int submit = 0;
  std::string die{};
  int pause_ms = 0;
  std::vector<std::string> endpoints{};
};

/// What an institution's software knows in the end: ids with the positions that it was told.
using Positions = std::map<std::string, std::multiset<std::string>>;

class RealBroker : public ::testing::Test {
 protected:
  /// One life of the institution's adapter, always on the same store and ledger.
  std::unique_ptr<ChildProgram> adapter(const std::string& institution, const Life& life = {}) {
    const auto settings =
        net_.write(fmt::format("{}/life-{}.toml", institution, ++lives_),
                   net_.adapter_settings(institution, institution, life.endpoints) +
                       fmt::format("[child]\nledger = \"{}\"\nsubmit = {}\ndie = \"{}\"\npause_ms = {}\n",
                                   ledger(institution).string(), life.submit, life.die, life.pause_ms));
    auto child =
        std::make_unique<ChildProgram>(std::vector<std::string>{std::string(RELAIS_BIN) + "/sdk-child", settings},
                                       net_.folder() / institution / "adapter.log");
    child->start();
    return child;
  }

  /// This life ends by the SIGKILL that it gives itself.
  static void expect_killed(ChildProgram& child) { ASSERT_EQ(child.wait_for_end(), -1); }

  [[nodiscard]] std::filesystem::path ledger(const std::string& institution) const {
    return net_.folder() / institution / "ledger";
  }

  [[nodiscard]] Positions told(const std::string& institution, const std::string& word) const {
    Positions all;
    std::ifstream file(ledger(institution));
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string first, id, position;
      if (words >> first; first != word) continue;
      words >> id >> position;
      all[id].insert(position);
    }
    return all;
  }

  template <class Condition>
  static bool comes_true(const Condition& condition) {
    const auto end = steady_clock::now() + kBrokerPatience;
    while (!condition()) {
      if (steady_clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  [[nodiscard]] bool comes_to(const std::string& institution, const std::string& word, std::size_t count) const {
    return comes_true([&] { return told(institution, word).size() >= count; });
  }

  void restart_broker() {
    net_.broker().kill();
    net_.broker().start();
    net_.wait_for_broker();
  }

  /// A life of the CCAS that only learns the network definition.
  void learn_network() {
    auto first = adapter("ccas-25056");
    ASSERT_TRUE(comes_to("ccas-25056", "network", 1));
    ASSERT_EQ(first->stop(), 0);
  }

  /// All that was submitted has one position, which is the one of its only effect.
  void expect_exactly_once(std::size_t count) {
    ASSERT_TRUE(comes_to("ccas-25056", "receipt", count));
    ASSERT_TRUE(comes_to("caf-25", "effect", count));
    const auto submitted = told("ccas-25056", "submitted");
    const auto receipts = told("ccas-25056", "receipt");
    const auto effects = told("caf-25", "effect");
    EXPECT_EQ(submitted.size(), count);
    EXPECT_EQ(receipts.size(), count);
    EXPECT_EQ(effects.size(), count);
    EXPECT_TRUE(told("ccas-25056", "refused").empty());
    std::set<std::string> positions;
    for (const auto& [id, ignored] : submitted) {
      const auto receipt = receipts.find(id);
      const auto effect = effects.find(id);
      ASSERT_TRUE(receipt != receipts.end() && effect != effects.end()) << id;
      EXPECT_EQ(std::set<std::string>(receipt->second.begin(), receipt->second.end()).size(), 1U) << id;
      ASSERT_EQ(effect->second.size(), 1U) << id;
      EXPECT_EQ(*effect->second.begin(), *receipt->second.begin()) << id;
      positions.insert(*receipt->second.begin());
    }
    EXPECT_EQ(positions.size(), count) << "a position of its own for each";
  }

  RealNetwork net_;
  int lives_ = 0;
};

TEST_F(RealBroker, killed_after_submit_and_before_the_receipt) {
  const auto caf = adapter("caf-25");
  learn_network();
  net_.broker().suspend();  // so that no receipt can come
  auto killed = adapter("ccas-25056", {3, "submitted"});
  expect_killed(*killed);
  net_.broker().resume();
  EXPECT_TRUE(told("ccas-25056", "receipt").empty());
  EXPECT_TRUE(told("caf-25", "effect").empty());
  const auto again = adapter("ccas-25056");
  expect_exactly_once(3);
}

TEST_F(RealBroker, killed_after_the_receipt_and_before_it_was_noted) {
  const auto caf = adapter("caf-25");
  auto killed = adapter("ccas-25056", {1, "receipt"});
  expect_killed(*killed);
  EXPECT_TRUE(told("ccas-25056", "receipt").empty());
  ASSERT_TRUE(comes_to("caf-25", "effect", 1)) << "the broker has it";
  const auto again = adapter("ccas-25056");
  expect_exactly_once(1);
}

TEST_F(RealBroker, killed_when_the_delivery_reached_the_handler_before_its_effect) {
  auto killed = adapter("caf-25", {0, "delivery"});
  const auto ccas = adapter("ccas-25056", {3});
  expect_killed(*killed);
  EXPECT_TRUE(told("caf-25", "effect").empty());
  const auto again = adapter("caf-25");
  expect_exactly_once(3);
  EXPECT_EQ(told("caf-25", "repeated").size(), 1U) << "it is told that the first may be repeated, and of no other";
}

TEST_F(RealBroker, killed_after_the_effect_of_a_delivery_before_it_was_noted) {
  auto killed = adapter("caf-25", {0, "effect"});
  const auto ccas = adapter("ccas-25056", {3});
  expect_killed(*killed);
  ASSERT_EQ(told("caf-25", "effect").size(), 1U);
  const auto again = adapter("caf-25");
  expect_exactly_once(3);
  EXPECT_EQ(told("caf-25", "repeated").size(), 1U);
}

TEST_F(RealBroker, killed_when_a_delivery_was_noted_before_its_acknowledgement) {
  auto killed = adapter("caf-25", {0, "noted"});
  const auto ccas = adapter("ccas-25056", {1});
  ASSERT_TRUE(comes_to("ccas-25056", "receipt", 1));
  ASSERT_TRUE(comes_to("caf-25", "effect", 1));
  net_.broker().kill();  // so that no acknowledgement can arrive
  std::ofstream(ledger("caf-25").string() + ".go") << "go";
  expect_killed(*killed);
  net_.broker().start();
  net_.wait_for_broker();
  auto again = adapter("caf-25");
  ASSERT_TRUE(comes_to("caf-25", "acknowledged-again", 1));
  EXPECT_EQ(again->stop(), 0);
  expect_exactly_once(1);
  EXPECT_TRUE(told("caf-25", "repeated").empty()) << "the handler is not asked again";
}

TEST_F(RealBroker, each_submission_has_one_position_however_often_the_broker_is_killed) {
  constexpr std::size_t kCount = 300;
#ifdef __SANITIZE_THREAD__
  constexpr int kPauseMs = 100;  // the broker takes seconds to start: there must be some left to submit when it does
#else
  constexpr int kPauseMs = 5;
#endif
  const auto caf = adapter("caf-25");
  const auto ccas = adapter("ccas-25056", {kCount, "", kPauseMs});
  std::size_t kills_under_way = 0;
  for (const std::size_t receipts : {10U, 60U, 120U, 180U, 240U}) {
    ASSERT_TRUE(comes_to("ccas-25056", "receipt", receipts));
    if (told("ccas-25056", "receipt").size() < kCount) ++kills_under_way;
    restart_broker();
  }
  EXPECT_GE(kills_under_way, 2U) << "the broker was killed while submissions were under way";
  expect_exactly_once(kCount);
}

TEST_F(RealBroker, of_two_endpoints_the_second_is_taken_when_the_first_is_dead_with_growing_pauses) {
  learn_network();
  net_.broker().kill();
  const DeadEndpoint first;
  auto second = std::make_unique<DeadEndpoint>(net_.port());
  const auto ccas = adapter("ccas-25056", {1, "", 0, {first.endpoint(), net_.endpoint()}});
  ASSERT_TRUE(comes_true([&] { return first.visits().size() >= 3 && second->visits().size() >= 2; }));
  const auto firsts = first.visits();
  const auto seconds = second->visits();
  second.reset();
  std::vector<steady_clock::time_point> all{firsts[0], seconds[0], firsts[1], seconds[1], firsts[2]};
  // 200 ms, doubled after each failure, of which at least a half is kept.
  auto least = milliseconds(100);
  for (std::size_t i = 1; i < all.size(); ++i, least *= 2)
    EXPECT_GE(all[i] - all[i - 1] + milliseconds(5), least) << "pause " << i << ", and the endpoints take turns";
  net_.broker().start();
  net_.wait_for_broker();
  const auto caf = adapter("caf-25");
  expect_exactly_once(1);
  EXPECT_GE(first.visits().size(), 3U);
}

}  // namespace
}  // namespace relais::tests
