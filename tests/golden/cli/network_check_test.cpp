// What a person reads about a definition full of faults: each with its file, line, and what is allowed.
#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/support/golden.h"
#include "tests/support/run_program.h"

namespace relais::cli {
namespace {

TEST(NetworkCheck, names_every_fault_of_every_file_at_once) {
  const auto run = tests::run_program(RELAIS_BIN "/relaisctl network check tests/data/network-with-faults 2>&1");
  EXPECT_EQ(run.exit_code, 1);
  tests::expect_golden("network-with-faults.txt", run.output);
}

TEST(NetworkCheck, names_them_in_json_too) {
  const auto run = tests::run_program(RELAIS_BIN "/relaisctl --json network check tests/data/network-with-faults");
  EXPECT_EQ(run.exit_code, 1);
  tests::expect_golden("network-with-faults.json", run.output);
}

}  // namespace
}  // namespace relais::cli
