#include "adapters/mapping/csv_rows.h"

#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/mapping/encoding.h"
#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;

/// "line: cell|cell", or "line: broken".
std::vector<std::string> rows_of(std::string_view text, char separator = ';', char quote = '"') {
  CsvRows rows(text, separator, quote);
  CsvRow row;
  std::vector<std::string> said;
  while (rows.next(row)) {
    std::string line = std::to_string(row.line) + ":";
    for (std::size_t i = 0; i < row.cells.size(); ++i) line += (i == 0 ? " " : "|") + row.cells[i];
    said.push_back(row.broken ? line + " broken" : line);
  }
  return said;
}

TEST(CsvRows, cuts_cells_and_counts_lines_over_quoted_line_ends) {
  EXPECT_THAT(rows_of("a;b\r\n\"1\r\n2\";\"x\"\"y\"\r\n\r\nc; d \n"),
              ElementsAre("1: a|b", "2: 1\r\n2|x\"y", "5: c| d "));
}

TEST(CsvRows, takes_a_lone_cr_as_a_line_end) { EXPECT_THAT(rows_of("a;b\r1;2\r"), ElementsAre("1: a|b", "2: 1|2")); }

TEST(CsvRows, needs_no_line_end_at_the_end) {
  EXPECT_THAT(rows_of("a;b\n1;"), ElementsAre("1: a|b", "2: 1|"));
  EXPECT_THAT(rows_of("a;\"b\""), ElementsAre("1: a|b"));
  EXPECT_THAT(rows_of(""), ElementsAre());
}

TEST(CsvRows, loses_one_row_to_a_stray_quote) {
  EXPECT_THAT(rows_of("a;b\n1;x\"y\n2;z\n"), ElementsAre("1: a|b", "2: broken", "3: 2|z"));
  EXPECT_THAT(rows_of("1;\"open\n2;z\n3;w\n"), ElementsAre("1: broken", "2: 2|z", "3: 3|w"));
  EXPECT_THAT(rows_of("1;\"open\n2;\"z\"\n"), ElementsAre("1: broken", "2: 2|z"));
}

TEST(CsvRows, keeps_the_text_of_each_row) {
  CsvRows rows("a;b\r\n\"1\n2\";x\r\n", ';', '"');
  CsvRow row;
  ASSERT_TRUE(rows.next(row) && rows.next(row));
  EXPECT_EQ("\"1\n2\";x", row.raw);
}

TEST(CsvRows, can_do_without_quotes) { EXPECT_THAT(rows_of("a\"b;\"c\n", ';', 0), ElementsAre("1: a\"b|\"c")); }

TEST(CsvRows, reads_the_acid_test_as_its_authors_do) {
  const std::filesystem::path folder = std::filesystem::path(RELAIS_SOURCE) / "tests/data/csv/csv-spectrum";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "csvs")) {
    const auto name = entry.path().stem().string();
    const auto text = file_text(entry.path());
    const auto expected = nlohmann::json::parse(file_text(folder / "json" / (name + ".json")));
    CsvRows rows(text, ',', '"');
    CsvRow header;
    ASSERT_TRUE(rows.next(header)) << name;
    auto actual = nlohmann::json::array();
    for (CsvRow row; rows.next(row);) {
      ASSERT_EQ(header.cells.size(), row.cells.size()) << name;
      auto& object = actual.emplace_back();
      for (std::size_t i = 0; i < row.cells.size(); ++i) object[header.cells[i]] = row.cells[i];
    }
    EXPECT_EQ(expected, actual) << name;
    ++files;
  }
  EXPECT_EQ(8U, files);
}

TEST(CsvRows, ends_on_every_file_that_others_found_hard) {
  std::size_t files = 0;
  for (const auto* const folder : {"csvkit", "csv-parser", "frictionless"}) {
    const auto path = std::filesystem::path(RELAIS_SOURCE) / "tests/data/csv" / folder;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const auto bytes = file_text(entry.path());
      const auto said = decode(bytes, "auto");
      const auto* const good = std::get_if<Decoded>(&said);
      EXPECT_LT(good == nullptr ? 0U : rows_of(good->text, ',').size(), 10'000U);
      ++files;
    }
  }
  EXPECT_EQ(35U, files);
}

}  // namespace

}  // namespace relais::mapping
