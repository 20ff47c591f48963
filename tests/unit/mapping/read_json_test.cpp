#include <filesystem>

#include <gmock/gmock.h>

#include "adapters/mapping/json_document.h"
#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;

const std::string kJson = head("json") + R"(kind = "referral_requested"
fields = [
  { from = "/id", to = "local.reference", required = true },
  { from = "/personne/nom", to = "identity.family_name", required = true },
  { from = "/tels", to = "contact.phones" },
  { from = "/adresses/*/ligne", to = "contact.address_lines" },
]
[[in.lists]]
each = "/revenus"
to = "resources.incomes"
fields = [ { from = "/m", to = "amount", decimal = "." } ]
[in.json]
records = "/dossiers"
)";

TEST(ReadJson, reads_values_lists_and_numbers_as_written) {
  const auto result =
      load_text(kJson).read(R"({"total":1,"dossiers":[{"id":12345678901234567890,"personne":{"nom":"Hénon"},
    "tels":["06","07"],"adresses":[{"ligne":"a"},{"ligne":"b","x":1}],"revenus":[{"m":1675.00},{"m":0.10}],"vide":null}]})",
                            "a.json");
  ASSERT_EQ(1U, result.messages.size()) << testing::PrintToString(rejects_of(result));
  EXPECT_EQ("12345678901234567890", result.messages[0].local.reference);
  const auto contact = content<v1::Contact>(result.messages[0], v1::CATEGORY_CONTACT);
  EXPECT_THAT(contact.phones(), ElementsAre("06", "07"));
  EXPECT_THAT(contact.address_lines(), ElementsAre("a", "b"));
  EXPECT_EQ("1675.00", content<v1::Resources>(result.messages[0], v1::CATEGORY_RESOURCES).incomes(0).amount());
  ASSERT_EQ(2U, result.loss.lost.size());
  EXPECT_EQ("/adresses/*/x", result.loss.lost[0].field);
  EXPECT_EQ("/total", result.loss.lost[1].field);
}

TEST(ReadJson, rejects_bad_records_alone_and_names_their_pointer) {
  const auto result = load_text(kJson).read(
      R"({"dossiers":[{"id":1,"personne":{"nom":{}}},{"id":2,"personne":{"nom":"A"}},3]})", "a.json");
  EXPECT_THAT(rejects_of(result),
              ElementsAre("0 field.not_text /personne/nom", "0 field.required /id", "0 field.required /personne/nom"));
  EXPECT_EQ("/dossiers/0", result.rejects[0].place.element);
  EXPECT_EQ(1U, result.messages.size());
}

TEST(ReadJson, refuses_documents_it_can_not_trust) {
  const auto mapping = load_text(kJson);
  const auto rules = [&](std::string_view text) { return rules_of(mapping.read(text, "a").file_faults); };
  EXPECT_THAT(rules("{"), ElementsAre("json.malformed"));
  EXPECT_THAT(rules(R"({"dossiers":[],"dossiers":[]})"), ElementsAre("json.name_twice"));
  EXPECT_THAT(rules(R"({"autre":[]})"), ElementsAre("json.no_records"));
  EXPECT_THAT(rules(std::string(100, '[') + std::string(100, ']')), ElementsAre("json.too_deep"));
  EXPECT_THAT(rules("{\"dossiers\":[\"Z\xE9\"]}"), ElementsAre("file.encoding"));
  const auto fault = mapping.read("{\"dossiers\":\n  [,]}", "a").file_faults.at(0);
  EXPECT_EQ(2U, fault.line);
  EXPECT_EQ(4U, fault.column);
}

TEST(ReadJson, reads_one_object_per_line) {
  const auto mapping = load_text(head("json") +
                                 "kind = \"referral_requested\"\nfields = [ { from = \"/n\", to = "
                                 "\"identity.family_name\", required = true } ]\n[in.json]\nlines = true\n");
  const auto result = mapping.read("{\"n\":\"A\"}\r\n\r\n{\"m\":1}\n", "a");
  EXPECT_EQ(1U, result.messages.size());
  EXPECT_THAT(rejects_of(result), ElementsAre("3 field.required /n"));
  EXPECT_EQ(3U, mapping.read("{\"n\":\"A\"}\n\n{", "a").file_faults.at(0).line);
}

TEST(ReadJson, judges_the_test_suite_as_its_author_does) {
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(RELAIS_SOURCE) / "tests/data/json/JSONTestSuite")) {
    const auto name = entry.path().filename().string();
    const auto said = parse_json(file_text(entry.path()));
    const auto* const fault = std::get_if<Fault>(&said);
    // A name that stands twice is legal JSON and would lose a value: it is refused on purpose.
    const bool twice = fault != nullptr && fault->rule == "json.name_twice";
    EXPECT_TRUE(!name.starts_with("y_") || fault == nullptr || twice) << name;
    EXPECT_TRUE(!name.starts_with("n_") || fault != nullptr) << name;
    ++files;
  }
  EXPECT_LT(150U, files);
}

TEST(ReadJson, maps_the_referrals_of_les_emplois_where_they_are_at_hand) {
  const std::filesystem::path sample =
      std::filesystem::path(RELAIS_SOURCE) / "../shared/data/orientations/emplois-orientation.json";
  if (!std::filesystem::exists(sample))
    GTEST_SKIP() << "the sample is AGPL-3.0 and not part of this repository: " << sample;
  const auto loaded = Mapping::load(std::string(RELAIS_SOURCE) + "/config/mappings/emplois-orientations.toml");
  ASSERT_TRUE(loaded.mapping);
  const auto result = loaded.mapping->read(file_text(sample), "emplois-orientation.json");
  ASSERT_EQ(3U, result.messages.size());
  EXPECT_EQ(Body::kReferralRequested, result.messages[0].envelope.body_case());
  EXPECT_EQ(Body::kReferralAccepted, result.messages[1].envelope.body_case());
  EXPECT_EQ(Body::kReferralRejected, result.messages[2].envelope.body_case());
  EXPECT_EQ(1U, result.silent);
  EXPECT_THAT(result.loss.lost, testing::Each(testing::Field(&LostField::reason, testing::Not(""))));
}

}  // namespace

}  // namespace relais::mapping
