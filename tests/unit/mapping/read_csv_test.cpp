#include <gmock/gmock.h>

#include "tests/unit/mapping/mapping_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kStatuses = head("csv") + R"(
null = ["NULL"]
kind = { from = "statut", table = "statuts" }
fields = [
  { from = "n°", to = "local.reference", required = true },
  { from = "relais", to = "local.referral", optional_column = true },
  { from = "motif", to = "body.reason", table = "motifs", kinds = ["referral_rejected"], required = true },
  { from = ["jour", "heure"], join = " ", to = "body.meeting.start_ms", time = ["french"] },
  { from = ["jour", "heure"], join = " ", to = "body.meeting.end_ms", time = ["french"], add_minutes = 45 },
]
[tables.statuts]
ignore_case = true
values = { "Accepté" = "referral_accepted", "refusé" = "referral_rejected", "rdv pris" = "referral_accepted appointment_booked", "brouillon" = "none" }
[tables.motifs]
values = { "HS" = "out_of_area" }
)";

TEST(ReadCsv, chooses_the_kind_by_code_table) {
  const auto result = load_text(kStatuses).read(
      "n°;statut;motif;jour;heure\r\n1;accepté;;;\r\n2;REFUSÉ;HS;;\r\n3;rdv "
      "pris;;31/01/2026;9h30\r\n4;brouillon;;;\r\n",
      "s.csv");
  EXPECT_THAT(rejects_of(result), IsEmpty());
  ASSERT_EQ(4U, result.messages.size());
  EXPECT_EQ(Body::kReferralAccepted, result.messages[0].envelope.body_case());
  EXPECT_EQ(v1::REJECTION_REASON_OUT_OF_AREA, result.messages[1].envelope.referral_rejected().reason());
  EXPECT_EQ(Body::kReferralAccepted, result.messages[2].envelope.body_case());
  const auto& meeting = result.messages[3].envelope.appointment_booked().meeting();
  EXPECT_EQ(1'769'848'200'000, meeting.start_ms());
  EXPECT_EQ(45 * 60'000, meeting.end_ms() - meeting.start_ms());
  EXPECT_EQ("3", result.messages[3].local.reference);
  EXPECT_EQ(4U, result.messages[3].place.line);
  EXPECT_EQ(1U, result.silent);
}

TEST(ReadCsv, rejects_each_bad_row_alone_with_all_its_faults) {
  const auto result = load_text(kStatuses).read(
      "n°;statut;motif;jour;heure\n;refusé;XX;;\n2;perdu;;;\n3;rdv "
      "pris;;29/03/2026;02:30\n4;accepté;;;\n5;accepté\n6;rdv pris;;soon;\n",
      "s.csv");
  EXPECT_THAT(rejects_of(result), ElementsAre("2 field.required n°", "2 code.unknown motif", "3 code.unknown statut",
                                              "4 time.nonexistent jour", "6 csv.too_few_cells ", "7 date.format jour"));
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ("4", result.messages[0].local.reference);
  EXPECT_EQ("6;rdv pris;;soon;", result.rejects.back().raw);
  EXPECT_EQ("n°;statut;motif;jour;heure", result.raw_header);
}

TEST(ReadCsv, never_puts_a_value_into_a_fault) {
  const auto result = load_text(kStatuses).read(
      "n°;statut;motif;jour;heure\n;SECRET;SECRET;SECRET;SECRET\n1;refusé;SECRET;;\n2;rdv "
      "pris;;SECRET;SECRET\n3;SE\"CRET;;;\n",
      "s.csv");
  EXPECT_EQ(4U, result.rejects.size());
  for (const auto& reject : result.rejects)
    for (const auto& fault : reject.faults)
      EXPECT_THAT(text(reject.place, fault) + fault.french, testing::Not(testing::HasSubstr("SECRET")));
}

TEST(ReadCsv, fills_the_referral_id_from_the_one_that_relais_gave) {
  const auto result = load_text(kStatuses).read(
      "n°;statut;motif;jour;heure;relais\n1;accepté;;;;00112233-4455-6677-8899-AABBCCDDEEFF\n2;accepté;;;;12\n",
      "s.csv");
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ("00112233-4455-6677-8899-aabbccddeeff", result.messages[0].local.referral);
  EXPECT_EQ(16U, result.messages[0].envelope.referral_id().size());
  EXPECT_THAT(rejects_of(result), ElementsAre("3 id.format relais"));
}

TEST(ReadCsv, refuses_a_document_without_the_columns_it_needs) {
  const auto result = load_text(kStatuses).read("n°;état;jour;jour;heure\n1;x;;;\n", "s.csv");
  EXPECT_THAT(rules_of(result.file_faults),
              ElementsAre("csv.missing_column", "csv.missing_column", "csv.column_twice"));
  EXPECT_EQ("statut", result.file_faults[0].field);
  EXPECT_THAT(result.messages, IsEmpty());
}

TEST(ReadCsv, refuses_a_document_in_another_encoding_and_names_the_line) {
  auto mapping = load_text(head("csv") +
                           "encoding = \"utf-8\"\nkind = \"referral_requested\"\nfields = [ { from = \"nom\", to = "
                           "\"identity.family_name\" } ]\n");
  const auto result = mapping.read("nom\nDupont\nH\xE9non\n", "a.csv");
  ASSERT_THAT(rules_of(result.file_faults), ElementsAre("file.encoding"));
  EXPECT_EQ(3U, result.file_faults[0].line);
  EXPECT_THAT(rules_of(mapping.read("", "a.csv").file_faults), ElementsAre("file.empty"));
  EXPECT_THAT(rules_of(mapping.read(std::string_view("nom\na\0b\n", 8), "a.csv").file_faults),
              ElementsAre("file.null_byte"));
}

TEST(ReadCsv, rejects_the_one_row_with_bytes_of_another_encoding) {
  std::string text = "nom\n";
  for (int i = 0; i < 30; ++i) text += i == 10 ? "H\xE9non\n" : "Dupont\n";
  auto mapping = load_text(head("csv") +
                           "encoding = \"utf-8\"\nkind = \"referral_requested\"\nfields = [ { from = \"nom\", to = "
                           "\"identity.family_name\" } ]\n");
  const auto result = mapping.read(text, "a.csv");
  EXPECT_THAT(rejects_of(result), ElementsAre("12 field.characters nom"));
  EXPECT_EQ(29U, result.messages.size());
}

TEST(ReadCsv, names_every_column_that_no_message_carries) {
  const auto mapping = load_text(head("csv") + R"(null = ["NULL"]
kind = "referral_requested"
fields = [
  { from = "nom", to = "identity.family_name" },
  { from = "aide", to = "note.text", when = { from = "type", is = ["A"] } },
]
[in.not_carried]
"agent" = "stays here"
)");
  const auto result = mapping.read("nom;agent;note;vide;type;aide;\nA;x;1;;A;h;\nB;y;NULL;;B;lost;9\n", "a.csv");
  ASSERT_EQ(4U, result.loss.lost.size());
  EXPECT_EQ("agent", result.loss.lost[0].field);
  EXPECT_EQ(2U, result.loss.lost[0].filled);
  EXPECT_EQ("stays here", result.loss.lost[0].reason);
  EXPECT_EQ("aide", result.loss.lost[1].field);
  EXPECT_EQ(1U, result.loss.lost[1].filled);
  EXPECT_EQ("column 7", result.loss.lost[2].field);
  EXPECT_EQ("note", result.loss.lost[3].field);
  EXPECT_EQ("", result.loss.lost[3].reason);
  ASSERT_EQ(1U, result.loss.unfilled.size());
  EXPECT_THAT(result.loss.unfilled[0].fields,
              testing::IsSupersetOf({"identity.birth_date", "contact", "body.commune"}));
}

TEST(ReadCsv, takes_columns_by_number_without_a_header) {
  const auto mapping = load_text(head("csv") + R"(kind = "referral_requested"
fields = [ { from = 2, to = "identity.family_name", required = true } ]
[in.csv]
header = false
separator = "tab"
)");
  const auto result = mapping.read("1\tDupont\n2\n3\tDurand\tx\n", "a.tsv");
  EXPECT_EQ(2U, result.messages.size());
  EXPECT_THAT(rejects_of(result), ElementsAre("2 csv.too_few_cells "));
  ASSERT_EQ(2U, result.loss.lost.size());
  EXPECT_EQ("column 1", result.loss.lost[0].field);
}

TEST(ReadCsv, converts_values_in_the_documented_order) {
  const auto mapping = load_text(head("csv") + R"(null = ["NULL"]
kind = "referral_requested"
fields = [
  { from = "ref", to = "local.reference", unpad = "0" },
  { from = "tel", to = "contact.phones", split = "," },
  { from = "tel2", to = "contact.phones" },
  { from = "montant", to = "resources.incomes[0].amount", decimal = "," },
  { from = "enfants", to = "household.children", default = "1" },
  { from = "nom", to = "identity.family_name", max_chars = 5 },
  { from = "aucun", to = "note.text" },
]
)");
  const auto result = mapping.read(
      "ref;tel;tel2;montant;enfants;nom;aucun\n00042; 06 ,,07 ;08;0001 675,50;;Émile;NULL\n1;;;12.5;x;Dupont;\n",
      "a.csv");
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ("42", result.messages[0].local.reference);
  EXPECT_THAT(content<v1::Contact>(result.messages[0], v1::CATEGORY_CONTACT).phones(), ElementsAre("06", "07", "08"));
  EXPECT_EQ("1675.50", content<v1::Resources>(result.messages[0], v1::CATEGORY_RESOURCES).incomes(0).amount());
  EXPECT_EQ(4U, result.messages[0].contents.size())
      << "no note: its only value is a word for none; household has a default";
  EXPECT_THAT(rejects_of(result),
              ElementsAre("3 number.format montant", "3 number.format enfants", "3 field.too_long nom"));
}

TEST(ReadCsv, compares_control_totals) {
  const auto mapping = load_text(head("csv") + R"(kind = "referral_requested"
fields = [ { from = "nom", to = "identity.family_name", required = true } ]
[[in.controls]]
name = "lignes"
count = "records"
expected = 2
[[in.controls]]
name = "montants"
sum = "montant"
expected = 3
[in.csv]
trailer = { column = 1, is = "TOTAL" }
)");
  const std::string rows = "nom;montant;x\nA;10,50;\n;1,25;\n";
  const auto good = mapping.read(rows + "TOTAL;2;11,75\n", "a.csv");
  EXPECT_THAT(good.file_faults, IsEmpty());
  EXPECT_EQ(1U, good.messages.size());
  EXPECT_THAT(rules_of(mapping.read(rows + "TOTAL;3;11,75\n", "a.csv").file_faults), ElementsAre("control.differs"));
  EXPECT_THAT(rules_of(mapping.read(rows + "TOTAL;2;11,76\n", "a.csv").file_faults), ElementsAre("control.differs"));
  EXPECT_THAT(rules_of(mapping.read(rows, "a.csv").file_faults), ElementsAre("control.missing", "control.missing"));
}

TEST(ReadCsv, keeps_its_bounds) {
  const auto mapping = load_text(head("csv") + R"(max_file_bytes = 200
max_field_bytes = 20
max_records = 5
kind = "referral_requested"
fields = [ { from = "nom", to = "identity.family_name" } ]
)");
  EXPECT_THAT(rules_of(mapping.read("nom\n" + std::string(300, 'x'), "a").file_faults), ElementsAre("file.too_large"));
  EXPECT_THAT(rejects_of(mapping.read("nom\n" + std::string(30, 'x') + "\nA\n", "a")),
              ElementsAre("2 field.too_long nom"));
  EXPECT_THAT(rules_of(mapping.read("nom\n1\n2\n3\n4\n5\n6\n", "a").file_faults), ElementsAre("file.too_many_records"));
  const auto quotes = load_text(kStatuses);
  std::string text = "n°;statut;motif;jour;heure\n";
  for (int i = 0; i < 200; ++i) text += "1;\"x\"y;;;\n";
  EXPECT_THAT(rules_of(quotes.read(text, "a").file_faults), ElementsAre("csv.too_many_broken_rows"));
}

TEST(ReadCsv, rejects_an_appointment_without_a_time_and_one_that_ends_before_it_starts) {
  const auto mapping = load_text(head("csv") + R"(kind = "appointment_proposed"
fields = [
  { from = "d", to = "body.meeting.start_ms", time = ["french"] },
  { from = "f", to = "body.meeting.end_ms", time = ["french"] },
]
)");
  const auto result =
      mapping.read("d;f\n01/02/2026 10:00;01/02/2026 09:00\n;\n01/02/2026 10:00;\nx;01/02/2026 10:00\n", "a");
  EXPECT_THAT(rejects_of(result), ElementsAre("2 meeting.times f", "4 body.required f", "5 date.format d"));
}

TEST(ReadCsv, carries_naughty_strings_or_rejects_them) {
  const auto mapping =
      load_text(head("csv") + "kind = \"referral_requested\"\nfields = [ { from = \"t\", to = \"note.text\" } ]\n");
  const auto strings = data("texte/blns.json");
  const auto result = mapping.read("t\n" + strings, "blns");
  EXPECT_FALSE(result.refused() && !result.messages.empty());
}

}  // namespace

}  // namespace relais::mapping
