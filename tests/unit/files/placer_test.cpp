#include "adapters/files/placer.h"

#include <gtest/gtest.h>

#include "adapters/files/packing.h"
#include "tests/support/files_fixture.h"

namespace relais::files {
namespace {

using tests::FilesFixture;

TEST(Packing, gives_back_what_it_was_given_and_refuses_the_rest) {
  const Texts texts{"", "a", std::string("b\0c", 3), std::string(70'000, 'x')};
  EXPECT_EQ(texts, unpack(pack(texts)));
  EXPECT_EQ(Texts(), unpack(""));
  EXPECT_FALSE(unpack("abc").has_value());
  EXPECT_FALSE(unpack(std::string("\x05\0\0\0ab", 6)).has_value());
}

TEST(Placer, finishes_what_a_killed_process_had_announced) {
  FilesFixture f;
  const auto& folders = f.config.folders;
  // As after a kill between the note and the second of two renames.
  (void)f.root.write("work/temporary/0002", "two");
  const auto moves = pack({"0001", "out", "one.csv", "0002", "rejects", "two.csv"});
  const auto notes = pack({"mine", "1", "done"});
  ASSERT_TRUE(f.post->store().put("place/ccas-25056/" + ordered(7), pack({moves, notes})).ok());
  Placer placer(f.post->store(), folders, "ccas-25056");
  ASSERT_TRUE(placer.finish().ok());
  EXPECT_FALSE(is_there(folders.out / "one.csv")) << "it was renamed before, and taken away by the software";
  EXPECT_EQ("two", f.text(folders.rejects / "two.csv"));
  EXPECT_EQ("done", f.post->store().get("mine"));
  EXPECT_FALSE(f.post->store().get("place/ccas-25056/" + ordered(7)).has_value());
}

TEST(Placer, never_replaces_a_file_and_goes_on_once_it_is_taken_away) {
  FilesFixture f;
  const auto& folders = f.config.folders;
  Placer placer(f.post->store(), folders, "ccas-25056");
  (void)f.root.write("out/a.csv", "theirs");
  const auto placed = placer.place({{Target::out, "a.csv", "ours"}}, {{"mine", "done"}});
  ASSERT_FALSE(placed.ok());
  EXPECT_EQ(kExists, why(placed.refusal()));
  EXPECT_EQ("theirs", f.text(folders.out / "a.csv"));
  EXPECT_FALSE(f.post->store().get("mine").has_value());
  std::filesystem::remove(folders.out / "a.csv");
  ASSERT_TRUE(placer.finish().ok());
  EXPECT_EQ("ours", f.text(folders.out / "a.csv"));
  EXPECT_EQ("done", f.post->store().get("mine"));
}

TEST(Placer, removes_temporary_files_that_nobody_announced) {
  FilesFixture f;
  (void)f.root.write("work/temporary/0001", "half");
  (void)f.root.write("work/temporary/0002", "announced");
  ASSERT_TRUE(f.post->store()
                  .put("place/ccas-25056/" + ordered(7), pack({pack({"0002", "out", "b.csv"}), pack(Texts())}))
                  .ok());
  Placer placer(f.post->store(), f.config.folders, "ccas-25056");
  placer.remove_leftovers();
  EXPECT_FALSE(is_there(f.config.folders.temporary() / "0001"));
  EXPECT_TRUE(is_there(f.config.folders.temporary() / "0002"));
}

TEST(Placer, a_target_folder_that_is_away_is_not_taken_for_a_file_that_was_moved) {
  FilesFixture f;
  Placer placer(f.post->store(), f.config.folders, "ccas-25056");
  std::filesystem::rename(f.config.folders.out, f.root.path() / "away");
  ASSERT_FALSE(placer.place({{Target::out, "a.csv", "ours"}}, {}).ok());
  ASSERT_FALSE(placer.finish().ok());
  std::filesystem::rename(f.root.path() / "away", f.config.folders.out);
  ASSERT_TRUE(placer.finish().ok());
  EXPECT_EQ("ours", f.text(f.config.folders.out / "a.csv"));
}

}  // namespace
}  // namespace relais::files
