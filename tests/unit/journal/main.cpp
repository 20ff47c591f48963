// The tests of the journal. Told `--child JOB FOLDER`, the program is what one of them starts, kills or sees end badly.
#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/journal/child.h"

namespace relais::journal {

namespace {

struct Job {
  std::string_view name;
  void (*run)(const std::filesystem::path& folder);
};

constexpr std::array kJobs{Job{kAppendUntilKilled, append_until_killed},
                           Job{kAppendOnFullDevice, append_on_full_device}, Job{kBackUpAndDie, back_up_and_die}};

int run_job(std::string_view name, const std::filesystem::path& folder) {
  const auto* const job = std::ranges::find(kJobs, name, &Job::name);
  base::check(job != kJobs.end(), "a test starts a child that there is");
  job->run(folder);
  return testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ? 1 : 0;
}

}  // namespace

}  // namespace relais::journal

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 4 && argv[1] == relais::journal::kChildOption) return relais::journal::run_job(argv[2], argv[3]);
  return RUN_ALL_TESTS();
}
