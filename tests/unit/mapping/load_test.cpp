#include <filesystem>

#include <gmock/gmock.h>

#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kGood = head("csv") + R"(
kind = "referral_requested"
fields = [ { from = "nom", to = "identity.family_name" } ]
)";

TEST(Load, takes_a_small_mapping) {
  const auto mapping = load_text(kGood);
  EXPECT_EQ("test", mapping.name());
  EXPECT_EQ(Format::csv, mapping.in_format());
  EXPECT_EQ(std::nullopt, mapping.out_format());
}

TEST(Load, finds_all_faults_at_once_each_with_its_line) {
  EXPECT_THAT(
      faults_of(R"([mapping]
name = "a b"
version = 2
colour = "blue"
[in]
format = "csv"
kind = "referral_wished"
zone = "Europe/Atlantis"
encoding = "latin9"
max_records = 0
fields = [
  { from = "a", to = "identity.name" },
  { from = "b" },
  { to = "identity.title" },
  { from = "c", to = "body.until_ms" },
  { from = "d", to = "envelope.priority", table = "nowhere" },
  { from = "e", to = "contact.phones", sepratator = "," },
  { constant = "Urgent", to = "envelope.priority" },
  { from = "f", to = "identity.birth_date", date = ["%d/%m/%y"] },
]
[in.csv]
separator = ";;"
[in.xml]
records = "/x"
)"),
      ElementsAre("2 mapping.name", "3 mapping.version", "4 mapping.colour", "7 in.kind", "8 in.zone", "9 in.encoding",
                  "10 in.max_records", "12 in.fields[0].to", "13 in.fields[1].to", "14 in.fields[2]",
                  "16 in.fields[4].table", "17 in.fields[5].sepratator", "18 in.fields[6].constant",
                  "18 in.fields[6].to", "19 in.fields[7].date", "22 in.csv.separator", "23 in.xml"));
}

TEST(Load, names_what_is_allowed) {
  const tests::TemporaryFolder folder;
  const auto loaded = Mapping::load(folder.write("m.toml", head("csv") + "kind = \"x\"\nfields = []\n"));
  ASSERT_EQ(1U, loaded.faults.size());
  EXPECT_THAT(loaded.faults[0].allowed, testing::HasSubstr("referral_requested, referral_received"));
  EXPECT_THAT(text(loaded.faults[0]), testing::HasSubstr("m.toml:6: in.kind: names no kind of message: x; allowed: "));
}

TEST(Load, says_where_toml_breaks) {
  EXPECT_THAT(faults_of("[mapping]\nname = \"x\nversion = 1\n"), ElementsAre("2 "));
  const auto missing = Mapping::load("/nowhere/mapping.toml");
  ASSERT_EQ(1U, missing.faults.size());
  EXPECT_EQ("can not be read", missing.faults[0].problem);
}

TEST(Load, needs_a_direction) { EXPECT_THAT(faults_of("[mapping]\nname = \"x\"\nversion = 1\n"), ElementsAre("1 ")); }

TEST(Load, refuses_two_values_for_one_field_unless_kinds_or_conditions_part_them) {
  const auto with = [](const std::string& fields) {
    return faults_of(head("csv") + "kind = \"referral_requested referral_accepted\"\nfields = [\n" + fields + "]\n");
  };
  EXPECT_THAT(with(R"({ from = "a", to = "note.text" }, { from = "b", to = "note.text" })"),
              ElementsAre("8 in.fields[1].to"));
  EXPECT_THAT(with(R"({ from = "a", to = "contact.phones" }, { from = "b", to = "contact.phones" })"), IsEmpty());
  EXPECT_THAT(with(R"({ from = "a", to = "note.text", kinds = ["referral_requested"] },
                      { from = "b", to = "note.text", kinds = ["referral_accepted"] })"),
              IsEmpty());
}

TEST(Load, checks_what_the_mapping_itself_gives_to_fields) {
  const auto with = [](const std::string& field) {
    return faults_of(head("csv") + "kind = \"referral_requested\"\nfields = [\n" + field +
                     "]\n[tables.t]\nvalues = { a = \"Nope\" }\n");
  };
  EXPECT_THAT(with(R"({ from = "a", to = "identity.gender", table = "t" })"), ElementsAre("8 in.fields[0].table"));
  EXPECT_THAT(with(R"({ from = "a", to = "envelope.purpose", default = "No Code" })"),
              ElementsAre("8 in.fields[0].default"));
  EXPECT_THAT(with(R"({ constant = "caf 25", to = "envelope.recipients" })"), ElementsAre("8 in.fields[0].constant"));
}

TEST(Load, checks_columns_paths_and_pointers) {
  EXPECT_THAT(faults_of(head("fixed") + R"(kind = "referral_requested"
fields = [ { from = "b", to = "note.text" } ]
[in.fixed]
columns = [ { name = "a", start = 1, length = 5 }, { name = "c", start = 4, length = 2 } ]
)"),
              ElementsAre("7 in.fields[0].from", "9 in.fixed.columns"));
  EXPECT_THAT(faults_of(head("xml") + R"(kind = "referral_requested"
fields = [ { from = "a[", to = "note.text" }, { from = "p:a", to = "note.subject" } ]
[in.xml]
records = "//x["
)"),
              ElementsAre("7 in.fields[0].from", "7 in.fields[1].from", "9 in.xml.records"));
  EXPECT_THAT(faults_of(head("json") + R"(kind = "referral_requested"
fields = [ { from = "status", to = "note.text" } ]
)"),
              ElementsAre("7 in.fields[0].from"));
}

TEST(Load, reads_code_tables_from_files) {
  const tests::TemporaryFolder folder;
  folder.write("codes.csv", "\xEF\xBB\xBFN;routine\r\n\"U\";urgent\r\n");
  const auto loaded = Mapping::load(folder.write("m.toml", head("csv") + R"(kind = "referral_requested"
fields = [ { from = "u", to = "envelope.priority", table = "u" } ]
[tables.u]
file = "codes.csv"
)"));
  ASSERT_TRUE(loaded.mapping);
  const auto result = loaded.mapping->read("u\nU\nX\n", "a.csv");
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ(v1::PRIORITY_URGENT, result.messages[0].envelope.priority());
  EXPECT_THAT(rejects_of(result), ElementsAre("3 code.unknown u"));
}

TEST(Load, refuses_a_schema_that_needs_another) {
  const tests::TemporaryFolder folder;
  folder.write(
      "s.xsd",
      R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="t.xsd"/></xs:schema>)");
  folder.write("t.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>)");
  const auto loaded = Mapping::load(folder.write("m.toml", head("xml") + R"(kind = "referral_requested"
fields = [ { from = "a", to = "note.text" } ]
[in.xml]
records = "/x"
schema = "s.xsd"
)"));
  ASSERT_EQ(1U, loaded.faults.size());
  EXPECT_EQ("in.xml.schema", loaded.faults[0].key);
}

TEST(Load, checks_the_way_out) {
  EXPECT_THAT(faults_of(R"([mapping]
name = "x"
version = 1
[out]
format = "fixed"
encoding = "windows-1252"
bom = true
[[out.records]]
name = "r"
kinds = ["referral_accepted"]
fields = [
  { from = "envelope.sent_at_ms", to = "le", start = 1, length = 10 },
  { from = "identity.nothing", to = "nom", start = 8, length = 5 },
  { from = "kind", to = "kind", start = 20 },
  { from = "local.reference", to = "ref", start = 30, length = 4, kinds = ["referral_rejected"] },
]
)"),
              testing::UnorderedElementsAre("7 out.bom", "12 out.records[0].fields[0].time",
                                            "13 out.records[0].fields[1].from", "14 out.records[0].fields[2].length",
                                            "15 out.records[0].fields[3].kinds", "11 out.records[0].fields"));
}

TEST(Load, takes_every_mapping_that_is_shipped) {
  std::size_t mappings = 0;
  for (const auto* const folder : {"config/mappings", "config/demo/mappings"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(RELAIS_SOURCE) / folder)) {
      if (entry.path().extension() != ".toml") continue;
      for (const auto& fault : Mapping::load(entry.path()).faults) ADD_FAILURE() << text(fault);
      ++mappings;
    }
  }
  EXPECT_LE(11U, mappings);
}

}  // namespace

}  // namespace relais::mapping
