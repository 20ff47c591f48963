#include "adapters/files/arrival.h"

#include <gtest/gtest.h>

namespace relais::files {
namespace {

using std::chrono::milliseconds;

Entry file(std::string name, std::uint64_t bytes = 10, std::int64_t modified_ns = 1'000) {
  return {std::move(name), true, {7, bytes, modified_ns}};
}

std::vector<std::string> names(const Arrivals& arrivals) {
  std::vector<std::string> found;
  for (const auto& complete : arrivals.complete) found.push_back(complete.name);
  return found;
}

using Names = std::vector<std::string>;
const SteadyTime kStart{std::chrono::hours(1)};

ArrivalPolicy policy(CompleteWhen when) {
  ArrivalPolicy made;
  made.when = when;
  return made;
}

TEST(Arrival, a_file_is_complete_once_it_has_stayed_the_same_long_enough) {
  ArrivalJudge judge(policy(CompleteWhen::stable));
  const std::vector entries{file("a.csv")};
  const auto first = judge.judge(entries, kStart);
  EXPECT_EQ(Names{}, names(first));
  EXPECT_EQ(kStart + milliseconds(2'000), first.look_again);
  EXPECT_EQ(Names{}, names(judge.judge(entries, kStart + milliseconds(1'999))));
  EXPECT_EQ(Names{"a.csv"}, names(judge.judge(entries, kStart + milliseconds(2'000))));
}

TEST(Arrival, each_change_begins_the_wait_again) {
  ArrivalJudge judge(policy(CompleteWhen::stable));
  (void)judge.judge(std::vector{file("a.csv", 10)}, kStart);
  (void)judge.judge(std::vector{file("a.csv", 20)}, kStart + milliseconds(1'900));
  EXPECT_EQ(Names{}, names(judge.judge(std::vector{file("a.csv", 20)}, kStart + milliseconds(2'100))));
  EXPECT_EQ(Names{}, names(judge.judge(std::vector{file("a.csv", 20, 2'000)}, kStart + milliseconds(3'900))));
  EXPECT_EQ(Names{"a.csv"}, names(judge.judge(std::vector{file("a.csv", 20, 2'000)}, kStart + milliseconds(5'900))));
}

TEST(Arrival, a_file_that_went_away_and_came_back_waits_again) {
  ArrivalJudge judge(policy(CompleteWhen::stable));
  (void)judge.judge(std::vector{file("a.csv")}, kStart);
  (void)judge.judge(std::vector<Entry>{}, kStart + milliseconds(1'000));
  EXPECT_EQ(Names{}, names(judge.judge(std::vector{file("a.csv")}, kStart + milliseconds(2'000))));
}

TEST(Arrival, temporary_and_hidden_names_are_nobodys_yet) {
  for (const auto when : {CompleteWhen::stable, CompleteWhen::marker, CompleteWhen::rename}) {
    ArrivalJudge judge(policy(when));
    const std::vector entries{file(".a.csv"), file("a.csv.TMP"), file("a.part"), file("a.csv~"), file(".nfs0001")};
    (void)judge.judge(entries, kStart);
    const auto later = judge.judge(entries, kStart + milliseconds(10'000));
    EXPECT_EQ(Names{}, names(later));
    EXPECT_EQ(0U, later.waiting);
  }
}

TEST(Arrival, a_renamed_file_is_complete_at_once) {
  ArrivalJudge judge(policy(CompleteWhen::rename));
  EXPECT_EQ(Names{"a.csv"}, names(judge.judge(std::vector{file("a.csv")}, kStart)));
}

TEST(Arrival, a_marker_completes_its_file_in_either_spelling) {
  ArrivalJudge judge(policy(CompleteWhen::marker));
  const std::vector entries{file("a.csv"), file("a.csv.ok"), file("b.csv"),
                            file("b.FIN"), file("b.fin"),    file("c.csv")};
  const auto arrivals = judge.judge(entries, kStart);
  EXPECT_EQ((Names{"a.csv", "b.csv"}), names(arrivals));
  EXPECT_EQ("a.csv.ok", arrivals.complete[0].marker);
  EXPECT_EQ("b.fin", arrivals.complete[1].marker);
  EXPECT_EQ(1U, arrivals.waiting);
  EXPECT_FALSE(arrivals.look_again.has_value());
}

TEST(Arrival, a_marker_left_from_an_earlier_file_does_not_complete_a_half_written_one) {
  ArrivalJudge judge(policy(CompleteWhen::marker));
  const std::vector entries{file("a.csv", 10, 2'000), file("a.csv.ok", 0, 1'000)};
  EXPECT_EQ(Names{}, names(judge.judge(entries, kStart)));
  EXPECT_EQ(Names{"a.csv"}, names(judge.judge(entries, kStart + milliseconds(2'000))));
}

TEST(Arrival, counts_markers_without_their_file_and_never_opens_what_is_no_file) {
  ArrivalJudge judge(policy(CompleteWhen::marker));
  const auto arrivals = judge.judge(std::vector{file("z.ok"), Entry{"pipe", false, {}}}, kStart);
  EXPECT_EQ(1U, arrivals.lone_markers);
  EXPECT_EQ(1U, arrivals.strange);
  EXPECT_EQ(Names{}, names(arrivals));
}

TEST(Arrival, the_oldest_file_comes_first) {
  ArrivalJudge judge(policy(CompleteWhen::rename));
  const std::vector entries{file("10.csv", 1, 1'000), file("5.csv", 1, 3'000), file("9.csv", 1, 1'000)};
  EXPECT_EQ((Names{"9.csv", "10.csv", "5.csv"}), names(judge.judge(entries, kStart)));
}

}  // namespace
}  // namespace relais::files
