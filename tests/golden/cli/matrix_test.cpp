// The secrecy matrix of the shipped network, as a lawyer could read it: docs/secrecy-matrix.md is what the rules say.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "broker/cli/network_files.h"
#include "broker/cli/network_matrix.h"
#include "relais_paths.h"

namespace relais::cli {
namespace {

TEST(SecrecyMatrix, of_the_shipped_network_is_the_documented_one) {
  const auto loaded = load_network(RELAIS_SOURCE "/config/demo/network");
  ASSERT_GT(loaded.definition.agreements_size(), 0);
  std::ostringstream text;
  secrecy_matrix(loaded.definition).print(text, false);
  const std::string path = RELAIS_SOURCE "/docs/secrecy-matrix.md";
  const char* const mode = std::getenv("RELAIS_GOLDEN");
  if (mode != nullptr && std::string_view(mode) == "record") {
    std::ofstream(path, std::ios::binary) << text.str();
    return;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string documented{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(text.str(), documented);
}

}  // namespace
}  // namespace relais::cli
