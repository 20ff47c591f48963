#include "adapters/files/reject_report.h"

#include <gtest/gtest.h>

namespace relais::files {
namespace {

using mapping::Format;
using Records = std::vector<std::string>;

TEST(RejectReport, csv_keeps_header_line_ends_and_mark) {
  const std::string original = "\xEF\xBB\xBFNom;Age\r\nA;1\r\n\"B\r\nb\";x\r\nC;3\r\n";
  EXPECT_EQ("\xEF\xBB\xBFNom;Age\r\n\"B\r\nb\";x\r\n",
            rejected_document(Format::csv, original, "utf-8", 2, Records{"\"B\r\nb\";x"}));
}

TEST(RejectReport, csv_goes_back_into_the_encoding_it_came_in) {
  const std::string original = "Pr\xE9nom\nZo\xE9\n";
  EXPECT_EQ(original, rejected_document(Format::csv, original, "windows-1252", 2, Records{"Zoé\n"}));
}

TEST(RejectReport, fixed_width_without_header_holds_the_lines_alone) {
  EXPECT_EQ("02B\n", rejected_document(Format::fixed, "02A\n02B\n", "utf-8", 1, Records{"02B"}));
}

TEST(RejectReport, xml_keeps_the_root_element) {
  const std::string original = "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<Racine xmlns=\"u\">\n<P>1</P><P>2</P></Racine>";
  EXPECT_EQ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Racine xmlns=\"u\">\n<P>2</P>\n</Racine>\n",
            rejected_document(Format::xml, original, "utf-8", 0, Records{"<P>2</P>"}));
}

TEST(RejectReport, json_stays_a_list_or_lines) {
  EXPECT_EQ("[\n{\"a\":1},\n{\"a\":2}\n]\n",
            rejected_document(Format::json, "[{\"a\":1},{\"a\":2}]", "utf-8", 0, Records{"{\"a\":1}", "{\"a\":2}"}));
  EXPECT_EQ("{\"a\":2}\n", rejected_document(Format::json, "{\"a\":1}\n{\"a\":2}\n", "utf-8", 0, Records{"{\"a\":2}"}));
}

TEST(RejectReport, the_table_of_reasons_opens_in_a_spreadsheet) {
  Reason reason;
  reason.file = "a;b.csv";
  reason.line = 3;
  reason.record = 2;
  reason.column = 4;
  reason.field = "Date";
  reason.rule = "date.format";
  reason.french = "n'est pas une date de la forme \"JJ/MM/AAAA\"";
  reason.english = "not a date";
  const auto table = reasons_table(std::span(&reason, 1));
  EXPECT_EQ(
      "\xEF\xBB\xBF"
      "fichier;ligne;enregistrement;colonne;emplacement;champ;regle;motif;reason;reference;orientation\r\n"
      "\"a;b.csv\";3;2;4;;Date;date.format;\"n'est pas une date de la forme \"\"JJ/MM/AAAA\"\"\";not a date;;\r\n",
      table);
}

}  // namespace
}  // namespace relais::files
