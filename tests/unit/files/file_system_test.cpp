#include "adapters/files/file_system.h"

#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.h"

namespace relais::files {
namespace {

using tests::TemporaryFolder;

TEST(FileSystem, writes_a_new_file_and_reads_it_back) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a";
  ASSERT_TRUE(write_new_file(file, std::string("one\0two", 7)).ok());
  const auto read = read_file(file, 100);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(std::string("one\0two", 7), *read);
}

TEST(FileSystem, never_replaces_a_file_when_writing) {
  const TemporaryFolder folder;
  const auto file = folder.write("a", "first");
  const auto again = write_new_file(file, "second");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(kExists, why(again.refusal()));
  EXPECT_EQ("first", *read_file(file, 100));
}

TEST(FileSystem, never_replaces_a_file_when_moving) {
  const TemporaryFolder folder;
  const auto from = folder.write("from", "new");
  const auto to = folder.write("to", "old");
  const auto moved = move_file(from, to);
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(kExists, why(moved.refusal()));
  EXPECT_EQ("old", *read_file(to, 100));
  EXPECT_EQ("new", *read_file(from, 100));
}

TEST(FileSystem, says_that_a_file_to_move_is_not_there) {
  const TemporaryFolder folder;
  const auto moved = move_file(folder.path() / "none", folder.path() / "to");
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(kNotThere, why(moved.refusal()));
}

TEST(FileSystem, refuses_a_file_that_is_too_large_without_reading_it) {
  const TemporaryFolder folder;
  const auto file = folder.write("a", std::string(1'000, 'x'));
  const auto read = read_file(file, 999);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(kTooLarge, why(read.refusal()));
}

TEST(FileSystem, does_not_follow_links_and_does_not_wait_for_pipes) {
  const TemporaryFolder folder;
  const auto file = folder.write("a", "secret");
  std::filesystem::create_symlink(file, folder.path() / "link");
  ASSERT_EQ(0, ::mkfifo((folder.path() / "pipe").c_str(), 0600));
  EXPECT_EQ(kNotAFile, why(read_file(folder.path() / "link", 100).refusal()));
  EXPECT_EQ(kNotAFile, why(read_file(folder.path() / "pipe", 100).refusal()));
  EXPECT_EQ(kNotAFile, why(stamp_of(folder.path() / "link").refusal()));
}

TEST(FileSystem, knows_whether_somebody_still_writes) {
  const TemporaryFolder folder;
  const auto file = folder.write("a", "x");
  if (open_for_writing(file)) GTEST_SKIP() << "this file system has no leases";
  {
    std::ofstream writer(file, std::ios::app);
    EXPECT_TRUE(open_for_writing(file));
  }
  EXPECT_FALSE(open_for_writing(file));
}

TEST(FileSystem, lists_a_folder_by_name_and_tells_files_from_the_rest) {
  const TemporaryFolder folder;
  (void)folder.write("b", "22");
  (void)folder.write("a", "1");
  std::filesystem::create_directory(folder.path() / "c");
  const auto entries = list_folder(folder.path());
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(3U, entries->size());
  EXPECT_EQ("a", (*entries)[0].name);
  EXPECT_EQ(2U, (*entries)[1].stamp.bytes);
  EXPECT_TRUE((*entries)[1].regular);
  EXPECT_FALSE((*entries)[2].regular);
}

TEST(FileSystem, names_no_path_in_its_errors) {
  const auto read = read_file("/nowhere/DUPONT Jeanne.csv", 10);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(kNotThere, why(read.refusal()));
  EXPECT_EQ(std::string::npos, read.refusal().english().find("DUPONT"));
}

}  // namespace
}  // namespace relais::files
