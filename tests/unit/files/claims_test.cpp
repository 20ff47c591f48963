#include "adapters/files/claims.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace relais::files {
namespace {

using tests::TemporaryFolder;

const base::Instant kNow = base::from_ms(1'795'470'000'000);
const std::string kId = "20261123-214000-000007";

Folders folders_in(const TemporaryFolder& root) {
  const Path& p = root.path();
  return {p / "in", p / "out", p / "archive", p / "rejects", p / "work"};
}

Folders prepared(const TemporaryFolder& root) { return *prepare_folders(folders_in(root), "ccas-25056"); }

std::string text(const Path& file) { return read_file(file, 1'000).ok() ? *read_file(file, 1'000) : "(none)"; }

TEST(Folders, are_made_once_and_recognised_again) {
  const TemporaryFolder root;
  ASSERT_TRUE(prepare_folders(folders_in(root), "ccas-25056").ok());
  ASSERT_TRUE(prepare_folders(folders_in(root), "ccas-25056").ok());
  EXPECT_EQ("", look_at_folders(folders_in(root), "ccas-25056").why);
}

TEST(Folders, of_another_institution_are_refused) {
  const TemporaryFolder root;
  (void)prepared(root);
  EXPECT_EQ("of_another_institution", look_at_folders(folders_in(root), "caf-25").why);
  EXPECT_FALSE(prepare_folders(folders_in(root), "caf-25").ok());
}

TEST(Folders, an_empty_mount_point_is_not_taken_for_them) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  std::filesystem::rename(folders.in, root.path() / "in-away");
  EXPECT_EQ("in", look_at_folders(folders, "ccas-25056").folder);
  EXPECT_EQ(kNotThere, look_at_folders(folders, "ccas-25056").why);
  std::filesystem::rename(root.path() / "in-away", folders.in);
  std::filesystem::remove_all(folders.work);
  std::filesystem::create_directory(folders.work);
  EXPECT_EQ("not_prepared", look_at_folders(folders, "ccas-25056").why);
}

TEST(Folders, names_that_would_be_too_long_are_cut_between_characters_and_keep_their_extension) {
  std::string name;
  for (int i = 0; i < 120; ++i) name += "é";
  const auto fitted = fitted_name("20261123-215811-9f3a01-", name + ".csv", ".raisons.csv");
  EXPECT_LE(fitted.size(), 255U);
  EXPECT_TRUE(fitted.ends_with("é.csv.raisons.csv"));
  EXPECT_EQ("x-a.csv", fitted_name("x-", "a.csv"));
}

TEST(Claims, take_a_file_out_of_the_folder_under_its_own_name) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  (void)root.write("in/a.csv", "rows");
  const auto claim = claim_file(folders, {"a.csv", "", {}}, kId);
  ASSERT_TRUE(claim.ok());
  EXPECT_FALSE(is_there(folders.in / "a.csv"));
  EXPECT_EQ("a.csv", claim->name);
  EXPECT_EQ("rows", text(claim->file));
  const auto found = find_claims(folders);
  ASSERT_EQ(1U, found->size());
  EXPECT_EQ(claim->id, found->front().id);
  EXPECT_EQ(claim->file, found->front().file);
}

TEST(Claims, carry_the_moment_in_their_id_and_keep_their_order) {
  ClaimIds ids;
  EXPECT_EQ("20261123-214000-000000", ids.next(kNow));
  EXPECT_EQ("20261123-214000-000001", ids.next(kNow));
  EXPECT_EQ("20261123-214000-000002", ids.next(kNow - std::chrono::hours(1))) << "the clock was put back";
}

TEST(Claims, of_a_file_that_somebody_else_took_leave_nothing_behind) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  const auto claim = claim_file(folders, {"a.csv", "", {}}, kId);
  ASSERT_FALSE(claim.ok());
  EXPECT_EQ(kNotThere, why(claim.refusal()));
  EXPECT_TRUE(list_folder(folders.claims())->empty());
}

TEST(Claims, take_the_marker_with_the_file) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  (void)root.write("in/a.csv", "rows");
  (void)root.write("in/a.ok", "");
  ASSERT_TRUE(claim_file(folders, {"a.csv", "a.ok", {}}, kId).ok());
  EXPECT_TRUE(list_folder(folders.in)->empty());
}

TEST(Claims, interrupted_between_marker_and_file_are_finished) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  (void)root.write("in/a.csv", "rows");
  (void)root.write("work/claims/20261123-214000-000001/marker/a.csv", "");
  std::filesystem::create_directories(folders.claims() / "20261123-214000-000001" / "file");
  const auto found = find_claims(folders);
  ASSERT_EQ(1U, found->size());
  EXPECT_EQ("rows", text(found->front().file));
  EXPECT_FALSE(is_there(folders.in / "a.csv"));
}

TEST(Claims, interrupted_before_anything_moved_are_forgotten) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  std::filesystem::create_directories(folders.claims() / "20261123-214000-000001" / "file");
  EXPECT_TRUE(find_claims(folders)->empty());
  EXPECT_TRUE(list_folder(folders.claims())->empty());
}

TEST(Claims, are_archived_by_day_and_forgotten) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  (void)root.write("in/a.csv", "rows");
  const auto claim = claim_file(folders, {"a.csv", "", {}}, kId);
  ASSERT_TRUE(archive_claim(folders, *claim).ok());
  EXPECT_EQ("rows", text(folders.archive / "2026-11-23" / (claim->id + "-a.csv")));
  EXPECT_TRUE(list_folder(folders.claims())->empty());
  EXPECT_TRUE(archive_claim(folders, *claim).ok()) << "once more after a restart";
}

TEST(Claims, can_be_rejected_whole) {
  const TemporaryFolder root;
  const auto folders = prepared(root);
  (void)root.write("in/a.csv", "rows");
  const auto claim = claim_file(folders, {"a.csv", "", {}}, kId);
  ASSERT_TRUE(reject_claim(folders, *claim).ok());
  EXPECT_EQ("rows", text(folders.rejects / (claim->id + "-a.csv")));
  EXPECT_TRUE(list_folder(folders.claims())->empty());
}

}  // namespace
}  // namespace relais::files
