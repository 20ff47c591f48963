// Who may write where: zeros stay ahead, and out of the way.
#include "broker/journal/zeroed_ahead.h"

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace relais::journal {

namespace {

/// Writes of zeros that each wait to be let through.
class GatedFile {
 public:
  ZeroedFile file() {
    return {[this](std::uint64_t from) -> std::uint64_t {
              std::unique_lock lock(mutex_);
              under_way_ = from;
              changed_.notify_all();
              // Not for ever: a test that fails before it lets the write through ends all the same.
              if (changed_.wait_for(lock, std::chrono::seconds(20), [&] { return let_through_ > 0; })) --let_through_;
              under_way_.reset();
              changed_.notify_all();
              return full_ ? 0 : ZeroedAhead::kStepBytes;
            },
            [this] { ++syncs_; }};
  }
  /// Where the write begins that waits to be let through; empty when none comes in time.
  std::optional<std::uint64_t> under_way(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return under_way_.has_value(); });
    return under_way_;
  }
  void let_through(std::uint64_t writes = 1) {
    std::unique_lock lock(mutex_);
    let_through_ = writes;
    changed_.notify_all();
    if (writes == 1) changed_.wait(lock, [&] { return let_through_ == 0; });
  }
  void fill_device() { full_ = true; }
  [[nodiscard]] int syncs() const { return syncs_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::uint64_t> under_way_;
  std::uint64_t let_through_ = 0;
  std::atomic<bool> full_ = false;
  std::atomic<int> syncs_ = 0;
};

constexpr std::uint64_t kEnough = 1'000'000;

bool waits(const std::future<void>& done) {
  return done.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout;
}

}  // namespace

TEST(ZeroedAhead, begins_behind_what_was_appended_and_ends_when_it_is_far_enough_ahead) {
  GatedFile file;
  ZeroedAhead ahead(file.file());
  ahead.make_way(1000);
  ahead.synced();
  for (std::uint64_t from = 1000; from < 1000 + ZeroedAhead::kAheadBytes; from += ZeroedAhead::kStepBytes) {
    ASSERT_EQ(file.under_way(), from);
    file.let_through();
  }
  ahead.make_way(ZeroedAhead::kAheadBytes / 4);
  ahead.synced();
  auto more = std::async(std::launch::async, [&] { return file.under_way().has_value(); });
  EXPECT_EQ(more.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout) << "half of it is left";
  ahead.make_way(ZeroedAhead::kAheadBytes / 4 + 1);
  for (int sync = 0; more.wait_for(std::chrono::milliseconds(10)) == std::future_status::timeout; ++sync) {
    ASSERT_LT(sync, 500);
    ahead.synced();
  }
  EXPECT_TRUE(more.get());
  file.let_through(kEnough);
}

TEST(ZeroedAhead, an_append_waits_for_zeros_that_are_being_written_where_it_goes) {
  GatedFile file;
  ZeroedAhead ahead(file.file());
  ahead.make_way(1000);
  ahead.synced();
  ASSERT_TRUE(file.under_way());
  file.let_through();
  ASSERT_EQ(file.under_way(), 1000 + ZeroedAhead::kStepBytes);
  ahead.make_way(ZeroedAhead::kStepBytes);  // up to where the second begins: nothing to wait for
  auto beyond = std::async(std::launch::async, [&] { ahead.make_way(3 * ZeroedAhead::kStepBytes); });
  EXPECT_TRUE(waits(beyond));
  file.let_through();
  beyond.get();
  EXPECT_EQ(file.syncs(), 2) << "zeros are durable before something is appended to their place";
  EXPECT_EQ(file.under_way(std::chrono::milliseconds(100)), std::nullopt) << "not while the file grows";
  ahead.synced();
  EXPECT_EQ(file.under_way(), 1000 + 4 * ZeroedAhead::kStepBytes) << "not over what was appended";
  file.let_through(kEnough);
}

TEST(ZeroedAhead, what_is_synced_in_large_pieces_gets_none) {
  GatedFile file;
  ZeroedAhead ahead(file.file());
  for (int i = 0; i < 100; ++i) {
    ahead.make_way(ZeroedAhead::kLargePieceBytes / 2);
    ahead.make_way(ZeroedAhead::kLargePieceBytes / 2 + 1);
    ahead.synced();
  }
  auto write = std::async(std::launch::async, [&] { return file.under_way().has_value(); });
  EXPECT_EQ(write.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  ahead.make_way(1);
  ahead.synced();
  EXPECT_TRUE(write.get());
  file.let_through(kEnough);
}

TEST(ZeroedAhead, a_full_device_ends_the_zeros_and_holds_up_nobody) {
  GatedFile file;
  file.fill_device();
  ZeroedAhead ahead(file.file());
  ahead.make_way(1000);
  ahead.synced();
  ASSERT_TRUE(file.under_way());
  auto append = std::async(std::launch::async, [&] { ahead.make_way(ZeroedAhead::kStepBytes); });
  EXPECT_TRUE(waits(append));
  file.let_through();
  append.get();
  for (int i = 0; i < 100; ++i) {
    ahead.make_way(1000);
    ahead.synced();
  }
  EXPECT_EQ(file.syncs(), 0);
}

}  // namespace relais::journal
