#include "adapters/mapping/rule.h"

#include <set>

#include <gmock/gmock.h>

#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

TEST(Rules, have_distinct_codes_and_two_sentences) {
  std::set<std::string_view> codes;
  for (const auto& rule : rules()) {
    EXPECT_TRUE(codes.insert(rule.code).second) << rule.code;
    EXPECT_EQ(rule.english.find("{}") == std::string_view::npos, rule.french.find("{}") == std::string_view::npos)
        << rule.code;
    EXPECT_FALSE(rule.english.empty() || rule.french.empty()) << rule.code;
  }
}

TEST(Rules, are_all_in_the_documentation) {
  const auto page = file_text(std::string(RELAIS_SOURCE) + "/docs/mapping.md");
  for (const auto& rule : rules()) {
    const auto line =
        "| `" + std::string(rule.code) + "` | " + std::string(rule.english) + " | " + std::string(rule.french) + " |";
    EXPECT_THAT(page, testing::HasSubstr(line));
  }
}

}  // namespace

}  // namespace relais::mapping
