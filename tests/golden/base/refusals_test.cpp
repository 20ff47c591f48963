// The catalogue as adapters, operators and the manual know it.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "broker/base/refusal_code.h"
#include "relais_paths.h"
#include "tests/support/golden.h"

namespace relais::base {
namespace {

/// What stands between each pair of `open` and `close`.
std::vector<std::string> between(std::string_view text, char open, char close) {
  std::vector<std::string> found;
  for (auto at = text.find(open); at != std::string_view::npos; at = text.find(open, at + 1))
    found.emplace_back(text.substr(at + 1, text.find(close, at) - at - 1));
  return found;
}

std::set<std::string> facts_of(std::string_view sentence) {
  const auto names = between(sentence, '{', '}');
  return {names.begin(), names.end()};
}

std::vector<std::string> enumerators_in_the_header() {
  std::ifstream header(RELAIS_SOURCE "/broker/base/refusal_code.h");
  const std::string text{std::istreambuf_iterator<char>(header), std::istreambuf_iterator<char>()};
  const auto begin = text.find('{', text.find("enum class RefusalCode")) + 1;
  std::istringstream list(text.substr(begin, text.find("};", begin) - begin));
  std::vector<std::string> names;
  for (std::string word; list >> word;)
    if (word.ends_with(',')) names.push_back(word.substr(0, word.size() - 1));
  return names;
}

TEST(RefusalCatalogue, reads_as_recorded) {
  std::vector<std::string> rows;
  for (const auto& row : refusal_catalogue())
    rows.push_back(fmt::format("{} {} {}\n  en: {}\n  fr: {}\n", row.name, row.retry ? "retry" : "final",
                               row.http_status, row.english, row.french));
  std::ranges::sort(rows);
  std::string text;
  for (const auto& row : rows) text += row;
  tests::expect_golden("refusals.txt", text);
}

TEST(RefusalCatalogue, has_a_row_for_every_code_and_names_it_after_the_code) {
  std::vector<std::string> names;
  for (const auto& row : refusal_catalogue()) {
    std::string name(row.name);
    EXPECT_EQ(std::ranges::count(name, '.'), 1) << name;
    std::ranges::replace(name, '.', '_');
    names.push_back(name);
  }
  EXPECT_EQ(names, enumerators_in_the_header());
}

TEST(RefusalCatalogue, tells_the_same_facts_in_both_languages) {
  for (const auto& row : refusal_catalogue()) EXPECT_EQ(facts_of(row.english), facts_of(row.french)) << row.name;
}

TEST(RefusalCatalogue, keeps_every_fact_in_a_part_that_may_fall_away) {
  for (const auto& row : refusal_catalogue()) {
    for (const auto sentence : {row.english, row.french}) {
      std::string rest(sentence);
      for (const auto& part : between(sentence, '[', ']')) rest.erase(rest.find('[' + part + ']'), part.size() + 2);
      EXPECT_EQ(rest.find_first_of("{}[]"), std::string::npos) << row.name;
      EXPECT_TRUE(rest.ends_with('.')) << row.name;
    }
  }
}

TEST(RefusalCatalogue, finds_a_code_by_its_name) {
  for (const auto& row : refusal_catalogue()) {
    EXPECT_EQ(refusal_code(row.name), row.code);
    EXPECT_EQ(info(row.code).name, row.name);
  }
  EXPECT_EQ(refusal_code("agreement"), std::nullopt);
}

}  // namespace
}  // namespace relais::base
