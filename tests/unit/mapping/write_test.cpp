#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "adapters/mapping/message_json.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

OutgoingMessage message(const std::string& json) {
  std::string wrong;
  auto made = message_from_json(nlohmann::ordered_json::parse(json), wrong);
  EXPECT_TRUE(made) << wrong;
  return std::move(made).value_or(OutgoingMessage{});
}

const std::string kReferral = R"({"kind":"referral_requested",
  "local":{"referral":"00112233-4455-6677-8899-aabbccddeeff"},
  "envelope":{"sender":"ccas-25056","sent_at_ms":"2026-07-31T07:30:00Z","priority":"urgent"},
  "contents":{"identity":{"family_name":"Hénon; \"dit\" 漢","birth_date":"1998-05-25",
              "identifiers":[{"system":"caf.allocataire","value":"12"},{"system":"ccas.dossier","value":"34"}]},
              "contact":{"phones":["06","07"]},"note":{"text":"=1+1\nsuite"}}})";

std::string out(const std::string& format, const std::string& rest) {
  return "[mapping]\nname = \"out\"\nversion = 1\n[out]\nformat = \"" + format + "\"\n" + rest;
}

const std::string kCsv = out("csv", R"(encoding = "windows-1252"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "Relais" },
  { from = "identity.family_name", to = "Nom" },
  { from = "identity.birth_date", to = "Né le", date = "french" },
  { from = "identity.identifiers[caf.allocataire]", to = "Allocataire" },
  { from = "contact.phones", to = "Tél", join = ", " },
  { from = "envelope.sent_at_ms", to = "Le", time = "french" },
  { from = "envelope.priority", to = "Urgent", table = "urgent", default = "non" },
  { from = "note.text", to = "Texte" },
]
[tables.urgent]
values = { "urgent" = "oui" }
)");

TEST(WriteCsv, quotes_encodes_and_reports_what_it_replaced) {
  const auto result = load_text(kCsv).write(message(kReferral));
  ASSERT_EQ(1U, result.documents.size());
  EXPECT_EQ(
      "Relais;Nom;N\xE9 le;Allocataire;T\xE9l;Le;Urgent;Texte\r\n"
      "00112233-4455-6677-8899-aabbccddeeff;\"H\xE9non; \"\"dit\"\" ?\";25/05/1998;12;06, 07;31/07/2026 "
      "09:30;oui;\"=1+1\nsuite\"\r\n",
      result.documents[0].bytes);
  ASSERT_EQ(1U, result.notes.size());
  EXPECT_EQ("Nom", result.notes[0].field);
  ASSERT_EQ(1U, result.lost.size());
  EXPECT_EQ("identity.identifiers[ccas.dossier]", result.lost[0].field);
}

TEST(WriteCsv, makes_one_document_of_each_kind_of_record_and_tells_what_has_none) {
  const auto mapping = load_text(out("csv", R"([[out.records]]
name = "a"
kinds = ["referral_accepted"]
fields = [ { from = "local.reference", to = "n" } ]
[[out.records]]
name = "b"
kinds = ["referral_rejected", "referral_held"]
fields = [ { from = "kind", to = "k" }, { from = "body.reason", to = "r" } ]
)"));
  EXPECT_TRUE(mapping.writes(Body::kReferralHeld));
  EXPECT_FALSE(mapping.writes(Body::kReferralStarted));
  const std::vector<OutgoingMessage> messages = {
      message(R"({"kind":"referral_rejected","body":{"reason":"out_of_area"}})"),
      message(R"({"kind":"referral_accepted","local":{"reference":"1"}})"), message(R"({"kind":"referral_started"})"),
      message(R"({"kind":"referral_held","body":{"reason":"waitlist","until_ms":"2026-01-01T00:00:00Z"}})")};
  const auto result = mapping.write(messages);
  ASSERT_EQ(2U, result.documents.size());
  EXPECT_EQ("k;r\r\nreferral_rejected;out_of_area\r\nreferral_held;waitlist\r\n", result.documents[0].bytes);
  EXPECT_THAT(result.documents[0].messages, ElementsAre(0, 3));
  EXPECT_EQ("n\r\n1\r\n", result.documents[1].bytes);
  EXPECT_THAT(result.without_record, ElementsAre(2));
  ASSERT_EQ(1U, result.lost.size());
  EXPECT_EQ("body.until_ms", result.lost[0].field);
}

TEST(WriteCsv, puts_an_apostrophe_before_formulas_and_flattens_lines_when_asked) {
  const auto mapping = load_text(out("csv", R"(bom = true
line_breaks = "space"
[out.csv]
formulas = "quote"
header = false
line_end = "lf"
quoting = "all"
[[out.records]]
name = "a"
kinds = ["referral_requested"]
fields = [ { from = "note.text", to = "t" } ]
)"));
  const auto result = mapping.write(message(kReferral));
  EXPECT_EQ("\xEF\xBB\xBF\"'=1+1 suite\"\n", result.documents.at(0).bytes);
  EXPECT_EQ(2U, result.notes.size());
}

TEST(Write, fails_a_message_that_lacks_a_required_value_or_holds_content_it_can_not_read) {
  const auto mapping = load_text(out("csv", R"([[out.records]]
name = "a"
kinds = ["referral_requested"]
fields = [ { from = "local.reference", to = "n", required = true }, { from = "contact.phones", to = "t" } ]
)"));
  auto broken = message(kReferral);
  broken.contents[0].bytes = "\xFF\xFF";
  const auto result = mapping.write(broken);
  ASSERT_EQ(1U, result.failed.size());
  EXPECT_THAT(rules_of(result.failed[0].faults), ElementsAre("content.malformed", "field.required", "field.several"));
  EXPECT_THAT(result.documents, IsEmpty());
}

TEST(WriteFixed, pads_cuts_and_refuses) {
  const auto mapping = load_text(out("fixed", R"(encoding = "iso-8859-1"
[[out.records]]
name = "a"
kinds = ["referral_accepted"]
fields = [
  { constant = "04", to = "type", start = 1, length = 2 },
  { from = "local.reference", to = "n", start = 4, length = 5, align = "right", pad = "0" },
  { from = "envelope.sender", to = "de", start = 9, length = 4, overflow = "cut" },
  { from = "note.text", to = "t", start = 14, length = 3 },
]
)"));
  const auto result = mapping.write(message(
      R"({"kind":"referral_accepted","local":{"reference":"42"},"envelope":{"sender":"caf-25"},"contents":{"note":{"text":"é\n1"}}})"));
  EXPECT_EQ("04 00042caf- \xE9 1\r\n", result.documents.at(0).bytes);
  EXPECT_EQ(2U, result.notes.size());
  const auto failed = mapping.write(message(R"({"kind":"referral_accepted","local":{"reference":"1234567"}})"));
  EXPECT_THAT(rules_of(failed.failed.at(0).faults), ElementsAre("field.too_long"));
}

TEST(WriteXml, shares_elements_and_keeps_every_character) {
  const auto mapping = load_text(out("xml", R"(encoding = "iso-8859-1"
[out.xml]
root = "Liste"
[[out.records]]
name = "a"
element = "Dossier"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "@id" },
  { from = "identity.family_name", to = "Personne/Nom" },
  { from = "identity.birth_date", to = "Personne/Ne" },
  { from = "contact.phones", to = "Personne/Tel" },
  { from = "identity.birth_place", to = "Personne/Lieu" },
  { from = "note.text", to = "Demande/Texte" },
]
)"));
  EXPECT_EQ(
      "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<Liste>\n  <Dossier "
      "id=\"00112233-4455-6677-8899-aabbccddeeff\">\n"
      "    <Personne>\n      <Nom>H\xE9non; \"dit\" &#28450;</Nom>\n      <Ne>1998-05-25</Ne>\n      <Tel>06</Tel>\n   "
      "   <Tel>07</Tel>\n"
      "    </Personne>\n    <Demande>\n      <Texte>=1+1\nsuite</Texte>\n    </Demande>\n  </Dossier>\n</Liste>\n",
      mapping.write(message(kReferral)).documents.at(0).bytes);
}

TEST(WriteXml, escapes_markup_and_replaces_what_xml_can_not_hold) {
  const auto mapping = load_text(out("xml", R"([out.xml]
root = "r"
indent = false
[[out.records]]
name = "a"
element = "e"
kinds = ["referral_requested"]
fields = [ { from = "note.text", to = "t" }, { from = "note.subject", to = "@s" } ]
)"));
  const auto result = mapping.write(
      message(R"({"kind":"referral_requested","contents":{"note":{"text":"<a>&\u0001]]>","subject":"\"<&"}}})"));
  EXPECT_THAT(result.documents.at(0).bytes,
              testing::HasSubstr("<e s=\"&quot;&lt;&amp;\"><t>&lt;a&gt;&amp;?]]&gt;</t></e>"));
  EXPECT_EQ(1U, result.notes.size());
}

TEST(WriteJson, nests_by_pointer_and_makes_lists_of_several_values) {
  const auto mapping = load_text(out("json", R"([out.json]
shape = "lines"
[[out.records]]
name = "a"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "/id" },
  { from = "identity.family_name", to = "/personne/nom" },
  { from = "contact.phones", to = "/personne/tels" },
  { from = "identity.title", to = "/personne/titre" },
]
)"));
  const std::vector<OutgoingMessage> messages = {message(kReferral), message(kReferral)};
  const std::string line =
      "{\"id\":\"00112233-4455-6677-8899-aabbccddeeff\",\"personne\":{\"nom\":\"Hénon; \\\"dit\\\" "
      "漢\",\"tels\":[\"06\",\"07\"]}}\n";
  EXPECT_EQ(line + line, mapping.write(messages).documents.at(0).bytes);
}

TEST(WriteSql, makes_rows_with_null_for_what_is_absent) {
  const auto mapping = load_text(out("sql", R"([[out.records]]
name = "a"
kinds = ["referral_requested"]
fields = [ { from = "identity.family_name", to = "nom" }, { from = "identity.title", to = "titre" } ]
)"));
  const auto result = mapping.write(message(kReferral));
  ASSERT_EQ(1U, result.rows.size());
  ASSERT_EQ(2U, result.rows[0].row.columns.size());
  EXPECT_EQ("Hénon; \"dit\" 漢", result.rows[0].row.columns[0].second);
  EXPECT_EQ(std::nullopt, result.rows[0].row.columns[1].second);
}

TEST(MessageJson, comes_back_as_it_went) {
  const auto json = nlohmann::ordered_json::parse(kReferral);
  std::string wrong;
  const auto made = message_from_json(json, wrong);
  ASSERT_TRUE(made) << wrong;
  const auto again = message_json({made->envelope, made->contents, made->local});
  EXPECT_EQ(nlohmann::json(json), nlohmann::json(again));
}

}  // namespace

}  // namespace relais::mapping
