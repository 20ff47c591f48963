#include <gmock/gmock.h>

#include "tests/unit/mapping/mapping_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;

const std::string kSql = head("sql") + R"(kind = "referral_requested"
fields = [
  { from = "dossier", to = "local.reference", required = true },
  { from = "nom", to = "identity.family_name", required = true },
  { from = "note", to = "note.text", optional_column = true },
]
)";

SqlRow row(std::initializer_list<std::pair<std::string, std::optional<std::string>>> columns) { return {{columns}}; }

TEST(ReadSql, turns_rows_into_messages) {
  const std::vector<SqlRow> rows = {row({{"dossier", "7"}, {"nom", "Hénon"}, {"agent", "x"}}),
                                    row({{"dossier", "8"}, {"nom", std::nullopt}, {"agent", std::nullopt}})};
  const auto result = load_text(kSql).read_rows(rows, "relais.outbox");
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ("Hénon", content<v1::Identity>(result.messages[0], v1::CATEGORY_IDENTITY).family_name());
  EXPECT_EQ(1U, result.messages[0].place.record);
  EXPECT_EQ("relais.outbox", result.messages[0].place.file);
  EXPECT_THAT(rejects_of(result), ElementsAre("0 field.required nom"));
  EXPECT_EQ(2U, result.rejects[0].place.record);
  ASSERT_EQ(1U, result.loss.lost.size());
  EXPECT_EQ("agent", result.loss.lost[0].field);
}

TEST(ReadSql, refuses_a_table_without_the_columns_it_needs) {
  const std::vector<SqlRow> rows = {row({{"dossier", "7"}})};
  EXPECT_THAT(rules_of(load_text(kSql).read_rows(rows, "t").file_faults), ElementsAre("sql.missing_column"));
}

TEST(ReadSql, rejects_text_that_is_not_utf8) {
  const std::vector<SqlRow> rows = {row({{"dossier", "7"}, {"nom", "H\xE9non"}})};
  EXPECT_THAT(rejects_of(load_text(kSql).read_rows(rows, "t")), ElementsAre("0 field.characters nom"));
}

}  // namespace

}  // namespace relais::mapping
