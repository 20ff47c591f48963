#include <gmock/gmock.h>

#include "tests/unit/mapping/mapping_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;

const std::string kFixed = head("fixed") + R"(encoding = "windows-1252"
kind = "referral_requested"
fields = [
  { from = "nom", to = "identity.family_name", required = true },
  { from = "naissance", to = "identity.birth_date", date = ["%d%m%Y"] },
]
[[in.controls]]
name = "nombre"
count = "records"
expected = { start = 3, length = 4 }
[in.fixed]
columns = [ { name = "nom", start = 3, length = 6 }, { name = "naissance", start = 10, length = 8 }, { name = "agent", start = 18, length = 2 } ]
record = { start = 1, length = 2, is = ["02"] }
trailer = { start = 1, length = 2, is = ["99"] }
)";

TEST(ReadFixed, cuts_by_characters_after_decoding) {
  const auto result = load_text(kFixed).read("01header\r\n02H\xC9NON  21071973AB\r\n\r\n990001\r\n", "f.txt");
  ASSERT_EQ(1U, result.messages.size());
  const auto identity = content<v1::Identity>(result.messages[0], v1::CATEGORY_IDENTITY);
  EXPECT_EQ("HÉNON", identity.family_name());
  EXPECT_EQ("1973-07-21", identity.birth_date());
  EXPECT_EQ(2U, result.messages[0].place.line);
}

TEST(ReadFixed, names_columns_and_gaps_that_nothing_carries) {
  const auto result = load_text(kFixed).read("02DUPONTx21071973AByz\n990001\n", "f.txt");
  ASSERT_EQ(3U, result.loss.lost.size());
  EXPECT_EQ("agent", result.loss.lost[0].field);
  EXPECT_EQ("characters 20-21", result.loss.lost[1].field);
  EXPECT_EQ("characters 9-9", result.loss.lost[2].field);
}

TEST(ReadFixed, rejects_short_lines_and_bad_dates_with_line_and_character) {
  const auto result = load_text(kFixed).read("02DUPONT\n02DURAND 31021973AB\n02      x\n990003\n", "f.txt");
  EXPECT_THAT(rejects_of(result),
              ElementsAre("1 fixed.short_line ", "2 date.not_a_day naissance", "3 fixed.short_line "));
  EXPECT_EQ(10U, result.rejects[1].faults[0].column);
}

TEST(ReadFixed, refuses_a_document_whose_closing_line_counts_otherwise) {
  EXPECT_THAT(rules_of(load_text(kFixed).read("02DUPONT 21071973AB\n990002\n", "f").file_faults),
              ElementsAre("control.differs"));
  EXPECT_THAT(rules_of(load_text(kFixed).read("02DUPONT 21071973AB\n", "f").file_faults),
              ElementsAre("control.missing"));
}

}  // namespace

}  // namespace relais::mapping
