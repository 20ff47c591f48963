// The secrecy matrices of the shipped networks, as a lawyer could read them: the pages of docs/ are what the rules say,
// for every purpose, mission and category.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "broker/cli/network_files.h"
#include "broker/cli/network_matrix.h"
#include "relais_paths.h"

namespace relais::cli {
namespace {

struct Shipped {
  const char* folder;
  const char* page;
};

class SecrecyMatrix : public testing::TestWithParam<Shipped> {
 protected:
  const LoadedNetwork loaded = load_network(std::string(RELAIS_SOURCE "/") + GetParam().folder);
};

TEST_P(SecrecyMatrix, of_a_shipped_network_is_the_documented_one) {
  ASSERT_GT(loaded.definition.agreements_size(), 0);
  std::ostringstream text;
  secrecy_matrix(loaded.definition).print(text, false);
  const std::string path = std::string(RELAIS_SOURCE "/") + GetParam().page;
  const char* const mode = std::getenv("RELAIS_GOLDEN");
  if (mode != nullptr && std::string_view(mode) == "record") {
    std::ofstream(path, std::ios::binary) << text.str();
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string documented{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(text.str(), documented);
}

TEST_P(SecrecyMatrix, has_a_line_for_every_purpose_mission_and_category) {
  std::ostringstream text;
  secrecy_matrix(loaded.definition).print(text, true);
  std::set<std::string> said;
  const auto answer = Json::parse(text.str());
  for (const auto& row : answer["matrix"])
    said.insert(row["purpose"].get<std::string>() + " " + row["mission"].get<std::string>() + " " +
                row["category"].get<std::string>());
  const auto categories = static_cast<std::size_t>(v1::Category_MAX);
  EXPECT_EQ(said.size(), static_cast<std::size_t>(loaded.definition.purposes_size()) *
                             static_cast<std::size_t>(loaded.definition.missions_size()) * categories);
}

/// What is shipped has no fault but that nobody has keys yet.
TEST_P(SecrecyMatrix, stands_on_a_sound_definition) {
  for (const auto& fault : loaded.violations)
    EXPECT_NE(fault.path.find("key"), std::string::npos) << fault.path << ": " << fault.problem;
}

INSTANTIATE_TEST_SUITE_P(shipped, SecrecyMatrix,
                         testing::Values(Shipped{"config/demo/network", "docs/secrecy-matrix.md"},
                                         Shipped{"config/examples/network", "docs/secrecy-matrix-departement.md"}));

}  // namespace
}  // namespace relais::cli
