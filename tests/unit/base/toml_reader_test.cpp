#include "broker/base/toml_reader.h"

#include <gtest/gtest.h>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "tests/support/temporary_folder.h"

namespace relais::base {
namespace {

class TomlReader : public testing::Test {
 protected:
  /// The reader of this text, in a file "a.toml".
  TableReader read(const std::string& text) {
    table_ = *read_toml(folder_.write("a.toml", text), "a.toml", findings_);
    return TableReader(table_, "a.toml", {}, findings_);
  }

  std::vector<std::string> faults() {
    std::vector<std::string> lines;
    for (const auto& fault : findings_.take())
      lines.push_back(std::to_string(fault.place.line) + " " + fault.path + " " + fault.problem + "; " + fault.allowed);
    return lines;
  }

  using Lines = std::vector<std::string>;
  tests::TemporaryFolder folder_;
  Findings findings_;
  toml::table table_;
};

TEST_F(TomlReader, gives_the_values_that_are_there_and_empty_ones_otherwise) {
  auto reader = read("a = \"text\"\nb = [\"x\", \"y\"]\nc = 7\nd = true\ne = \"2d\"\nf = \"AAEC\"\n");
  EXPECT_EQ(reader.text("a"), "text");
  EXPECT_EQ(reader.texts("b"), (Lines{"x", "y"}));
  EXPECT_EQ(reader.integer("c", 0), 7);
  EXPECT_TRUE(reader.boolean("d"));
  EXPECT_EQ(reader.duration("e"), 172800000);
  EXPECT_EQ(reader.key_bytes("f"), std::string("\0\1\2", 3));
  EXPECT_EQ(reader.text("none"), "");
  EXPECT_FALSE(reader.table("none"));
  reader.finish();
  EXPECT_EQ(faults(), Lines{});
}

TEST_F(TomlReader, names_the_line_the_key_and_what_is_wanted_when_a_value_is_of_another_kind) {
  auto reader = read("a = 1\nb = [\"x\", 2]\nc = \"7\"\nd = \"yes\"\ne = 5\nf = \"?\"\ng = \"2026-01-01\"\nh = 1\n");
  reader.text("a");
  reader.texts("b");
  reader.integer("c", 0);
  reader.boolean("d");
  reader.duration("e");
  reader.key_bytes("f");
  reader.date("g", false);
  reader.tables("h", "hs", [](TableReader&, int) {});
  EXPECT_EQ(faults(), (Lines{"1 a is a whole number; a text in quotes", "2 b[1] is a whole number; a text in quotes",
                             "3 c is a text; a whole number from 0", "4 d is a text; true or false, without quotes",
                             "5 e is a whole number; a duration such as \"45m\", \"72h\" or \"10d\"",
                             "6 f is not base64; 32 bytes as 44 characters of base64",
                             "7 g is a text; a date such as 2026-01-31, without quotes",
                             "8 h is a whole number; tables headed [[h]]"}));
}

TEST_F(TomlReader, clamps_nothing) {
  auto reader = read("a = 0\nb = \"-1d\"\n");
  EXPECT_EQ(reader.integer("a", 1), 0);
  reader.duration("b");
  EXPECT_EQ(faults(), (Lines{"1 a is 0; a whole number from 1",
                             "2 b is not a duration; a duration such as \"45m\", \"72h\" or \"10d\""}));
}

TEST_F(TomlReader, refuses_keys_that_nobody_asked_for_and_says_which_are_known) {
  auto reader = read("nmae = \"x\"\n[inner]\nidd = 1\n");
  reader.text("name");
  auto inner = reader.table("inner");
  inner->text("id");
  inner->finish();
  reader.finish();
  EXPECT_EQ(faults(), (Lines{"3 inner.idd is not a known key; id", "1 nmae is not a known key; name, inner"}));
}

TEST_F(TomlReader, finds_the_line_of_a_value_or_of_what_it_is_part_of) {
  auto reader = read("[[row]]\nname = \"a\"\n\n[[row]]\nname = \"b\"\n");
  reader.tables("row", "rows", [](TableReader& row, int) { row.text("name"); });
  EXPECT_EQ(findings_.place_of("rows[0].name").line, 2U);
  EXPECT_EQ(findings_.place_of("rows[1].missing").line, 4U);
}

TEST_F(TomlReader, lets_the_last_day_belong_to_the_validity) {
  auto reader = read("a = 2026-01-31\nb = 2026-03-29\nc = 2026-01-31T10:00:00\nd = 2026-01-31T10:00:00Z\n");
  EXPECT_EQ(reader.date("a", false), 1769814000000);  // 30 January, 23:00 UTC
  EXPECT_EQ(reader.date("a", true), 1769900400000);
  EXPECT_EQ(reader.date("b", true) - reader.date("b", false), 23 * 3600 * 1000);  // the clocks go forward
  EXPECT_EQ(reader.date("c", true), 1769850000000);
  EXPECT_EQ(reader.date("d", false), 1769853600000);
}

TEST_F(TomlReader, names_the_line_where_a_file_stops_being_toml) {
  EXPECT_FALSE(read_toml(folder_.write("bad.toml", "a = 1\nb == 2\n"), "bad.toml", findings_));
  EXPECT_FALSE(read_toml(folder_.path() / "none.toml", "none.toml", findings_));
  const auto found = findings_.take();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].place.file, "bad.toml");
  EXPECT_EQ(found[0].place.line, 2U);
  EXPECT_EQ(found[1].problem, "can not be read");
}

}  // namespace
}  // namespace relais::base
