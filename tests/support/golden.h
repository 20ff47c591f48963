// Compares a text with a recorded one. To record anew: RELAIS_GOLDEN=record in the environment, then read the diff.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "relais_paths.h"

namespace relais::tests {

/// `name` is a path below tests/golden/.
inline void expect_golden(const std::string& name, const std::string& actual) {
  const std::filesystem::path path = std::filesystem::path(RELAIS_SOURCE) / "tests/golden" / name;
  const char* const mode = std::getenv("RELAIS_GOLDEN");
  if (mode != nullptr && std::string_view(mode) == "record") {
    std::ofstream(path, std::ios::binary) << actual;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing";
  const std::string recorded{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(actual, recorded) << path;
}

}  // namespace relais::tests
