#include "adapters/files/folder_watch.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace relais::files {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr auto kLong = seconds(20);

milliseconds time_of_wait(FolderWatch& watch, milliseconds at_most) {
  const auto start = steady_clock::now();
  watch.wait(at_most);
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

TEST(FolderWatch, wakes_for_a_file_that_is_written_and_closed) {
  const tests::TemporaryFolder folder;
  FolderWatch watch;
  watch.watch_arrivals(folder.path());
  (void)folder.write("a", "x");
  EXPECT_LT(time_of_wait(watch, kLong), seconds(10));
}

TEST(FolderWatch, wakes_for_a_file_that_is_moved_in) {
  const tests::TemporaryFolder folder;
  const tests::TemporaryFolder other;
  const auto file = other.write("a", "x");
  FolderWatch watch;
  watch.watch_arrivals(folder.path());
  std::filesystem::rename(file, folder.path() / "a");
  EXPECT_LT(time_of_wait(watch, kLong), seconds(10));
}

TEST(FolderWatch, wakes_for_a_file_that_is_taken_away) {
  const tests::TemporaryFolder folder;
  const auto file = folder.write("a", "x");
  FolderWatch watch;
  watch.watch_departures(folder.path());
  std::filesystem::remove(file);
  EXPECT_LT(time_of_wait(watch, kLong), seconds(10));
}

TEST(FolderWatch, wakes_when_another_thread_says_so) {
  FolderWatch watch;
  std::thread other([&] { watch.wake(); });
  EXPECT_LT(time_of_wait(watch, kLong), seconds(10));
  other.join();
}

TEST(FolderWatch, waits_its_time_when_nothing_happens_and_when_there_is_no_folder) {
  FolderWatch watch;
  watch.watch_arrivals("/nowhere/at/all");
  EXPECT_GE(time_of_wait(watch, milliseconds(50)), milliseconds(49));
}

}  // namespace
}  // namespace relais::files
