#include "adapters/mapping/trial.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

using testing::HasSubstr;

const std::filesystem::path kSource = RELAIS_SOURCE;
const auto kBeneficiaries = kSource / "config/mappings/departement-beneficiaires.toml";
const auto kBuggy = kSource / "tests/data/depots/csv/import_beneficiaires_buggy.csv";

TEST(Trial, shows_messages_rejects_and_loss_as_text) {
  const auto trial = try_mapping(kBeneficiaries, kBuggy, false);
  EXPECT_FALSE(trial.good);
  EXPECT_THAT(trial.report,
              HasSubstr("3 records: 1 messages, 2 records rejected, 0 without message. Nothing was sent."));
  EXPECT_THAT(trial.report, HasSubstr("Message 1: referral_requested (line 4)"));
  EXPECT_THAT(trial.report, HasSubstr("import_beneficiaires_buggy.csv:3 column 4: Date de naissance*: not a date in "
                                      "the form %Y-%m-%d [date.format]"));
  EXPECT_THAT(trial.report, HasSubstr("Never filled in referral_requested"));
}

TEST(Trial, says_the_same_as_json) {
  const auto json = nlohmann::json::parse(try_reading(kBeneficiaries, kBuggy, true).report);
  EXPECT_EQ(1U, json["messages"].size());
  EXPECT_EQ(2U, json["rejects"].size());
  EXPECT_EQ("fondue", json["messages"][0]["contents"]["identity"]["family_name"]);
  EXPECT_EQ("date.format", json["rejects"][1]["faults"][0]["rule"]);
}

TEST(Trial, lists_the_faults_of_a_bad_mapping) {
  const tests::TemporaryFolder folder;
  const auto bad = folder.write("bad.toml", "[mapping]\nname = 1\n");
  EXPECT_THAT(check_mapping(bad, false).report,
              HasSubstr("bad.toml:2: mapping.name: is of the wrong kind; allowed: a text in quotes"));
  EXPECT_FALSE(check_mapping(bad, true).good);
  EXPECT_LT(2U, nlohmann::json::parse(check_mapping(bad, true).report)["faults"].size());
  EXPECT_TRUE(check_mapping(kBeneficiaries, false).good);
}

TEST(Trial, writes_the_messages_that_it_read) {
  const tests::TemporaryFolder folder;
  const auto messages = folder.write(
      "m.json", R"([{"kind":"referral_requested","local":{"referral":"00112233-4455-6677-8899-aabbccddeeff"},
    "contents":{"identity":{"family_name":"Hénon"}}}])");
  const auto trial = try_writing(kSource / "config/mappings/sql-tables.toml", messages, true);
  EXPECT_TRUE(trial.good) << trial.report;
  EXPECT_EQ("Hénon", nlohmann::json::parse(trial.report)["rows"][0]["columns"]["nom"]);
  EXPECT_THAT(try_writing(kSource / "config/mappings/sql-tables.toml", messages, false).report,
              HasSubstr("Row of orientation"));
  const auto wrong = folder.write("w.json", R"([{"kind":"referral_requested","body":{"commune":7}}])");
  EXPECT_THAT(try_writing(kSource / "config/mappings/sql-tables.toml", wrong, false).report,
              HasSubstr("message 1: body.commune: a text is expected"));
}

TEST(Trial, reads_rows_of_a_database_from_json) {
  const tests::TemporaryFolder folder;
  const auto rows = folder.write(
      "rows.json", R"([{"evenement":"acceptee","dossier":7,"orientation":null,"rendez_vous":null,"destinataire":null,
    "finalite":null,"urgent":"f","nom":null,"prenom":null,"naissance":null,"allocataire":null,"telephone":null,"observations":null,
    "motif":null,"issue":null,"debut":null}])");
  const auto trial = try_mapping(kSource / "config/mappings/sql-tables.toml", rows, false);
  EXPECT_TRUE(trial.good) << trial.report;
  EXPECT_THAT(trial.report, HasSubstr("Message 1: referral_accepted (record 1)"));
}

TEST(Trial, says_what_it_can_not_do) {
  EXPECT_THAT(try_writing(kBeneficiaries, kBuggy, false).report, HasSubstr("has no [out]"));
  EXPECT_THAT(try_reading(kBeneficiaries, "/nowhere.csv", false).report, HasSubstr("can not be read"));
}

}  // namespace

}  // namespace relais::mapping
