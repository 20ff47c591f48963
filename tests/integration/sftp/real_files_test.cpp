// Files that agencies really exchange, dropped on an OpenSSH server: the CNAF's monthly RSA flow with its schema, and
// fixed width in windows-1252, by the mappings that are shipped.
#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/integration/sftp/institution.h"
#include "tests/support/run_program.h"

namespace relais::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const fs::path kSamples = fs::path(RELAIS_SOURCE) / "tests/data";

constexpr std::string_view kEverything = R"(
[[agreement]]
id = "all"
name = "All"
legal_basis = "none, nobody is concerned"
valid_from = 2024-01-01
valid_until = 2099-12-31
retention = "1d"
nir = true
direction = [{from = "ccas-25056", to = "caf-25"}]
[[agreement.purpose]]
purpose = "access_to_rights"
categories = ["identity", "contact", "household", "resources", "benefits", "employment", "nir"]
)";

constexpr std::string_view kReading = R"(
[[exchange.read]]
names = ["RSABEM*.xml"]
mapping = "{0}/cnaf-vrsb0801.toml"
recipients = ["caf-25"]
[[exchange.read]]
names = ["*.txt"]
mapping = "{0}/fixed-width.toml"
)";

constexpr std::string_view kTaking = R"(
[mapping]
name = "rows"
version = 1
[out]
format = "csv"
[out.csv]
header = false
line_end = "lf"
[[out.records]]
name = "row"
kinds = ["referral_requested"]
fields = [
  { from = "identity.family_name", to = "Nom" },
  { from = "identity.given_names", to = "Prenom" },
  { from = "identity.birth_date", to = "Naissance" },
  { from = "nir.number", to = "NIR" },
  { from = "contact.address_lines", to = "Adresse", join = " " },
  { from = "contact.commune", to = "Commune" },
  { from = "contact.phones", to = "Telephone", join = " " },
  { from = "household.composition", to = "Situation" },
  { from = "benefits.benefits[0].status", to = "RSA" },
  { from = "resources.incomes[0].amount", to = "Montant" },
  { from = "employment.status", to = "Activite" },
]
)";

constexpr std::string_view kWriting = R"(
[[exchange.write]]
mapping = "mapping.toml"
)";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  EXPECT_NE(std::string::npos, at) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

/// The number of the line where `what` stands.
std::ptrdiff_t line_of(const std::string& text, std::string_view what) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(text.find(what));
  return 1 + std::count(text.begin(), end, '\n');
}

class SftpRealFiles : public testing::Test {
 protected:
  void SetUp() override {
    for (auto* const one : {&sender, &taker}) {
      const auto checked = run_program(std::string(RELAIS_BIN) + "/relais-sftp --check '" + one->config() + "' 2>&1");
      ASSERT_EQ(0, checked.exit_code) << checked.output;
      one->adapter().start();
    }
  }

  void TearDown() override {
    for (const auto& log : {sender.log(), taker.log(), contents(network.broker().log()), sshd.log()}) {
      for (const auto* word : {"BULLOCK", "FICTIF", "RSABEM", "orientations", "2730799404078"})
        EXPECT_THAT(log, Not(HasSubstr(word)));
      if (HasFailure()) std::cerr << log.substr(log.size() > 4'000 ? log.size() - 4'000 : 0) << "\n----\n";
    }
  }

  /// Whether it comes to that, with all that the CAF's software takes meanwhile in `rows`.
  template <class Reached>
  bool until(const Reached& reached) {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(90);
         std::chrono::steady_clock::now() < end;) {
      rows += taker.take();
      if (reached()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    return false;
  }

  [[nodiscard]] bool rejected(std::string_view what) const { return sender.rejects().find(what) != std::string::npos; }
  [[nodiscard]] std::ptrdiff_t row_count() const { return std::count(rows.begin(), rows.end(), '\n'); }

  const std::string flow = contents(kSamples / "depots/cnaf/RSABEM-ouvert.xml");
  ThrowawaySshd sshd;
  RealNetwork network{1, {{"agreements/all.toml", std::string(kEverything)}}};
  Institution sender{network,
                     sshd,
                     "ccas-25056",
                     "",
                     "rename",
                     sshd.client_key(),
                     fmt::format(kReading, (fs::path(RELAIS_SOURCE) / "config/mappings").string())};
  Institution taker{network, sshd, "caf-25", kTaking, "rename", sshd.client_key(), kWriting};
  std::string rows;
};

TEST_F(SftpRealFiles, arrive_and_each_bad_row_goes_back_with_file_line_column_and_rule) {
  sender.drop("RSABEM-ouvert.xml", flow);
  sender.drop("orientations.txt", contents(kSamples / "mapping/orientations.txt"));
  ASSERT_TRUE(until([&] { return row_count() == 2 && rejected("fixed.short_line"); })) << rows << sender.rejects();
  EXPECT_THAT(rows, HasSubstr("BULLOCK;ETA;1973-07-21;2730799404078;25 RUE HENRI BARBUSSE;92044;;single;open;1675.00;"
                              "CHO\n"));
  EXPECT_THAT(rows, HasSubstr("FICTIF-\xC5\x92UVRARD;ZO\xC3\x89;1998-05-25;;;;0199001234;;;1675.50;\n"));
  // Of the flow nothing comes back; of the other file the rows that are wrong, as they were, and why.
  const auto back = sender.rejects();
  EXPECT_THAT(back, Not(HasSubstr("RSABEM")));
  EXPECT_THAT(back, HasSubstr("0200000042CPAMFICTIF                   JEAN"));
  EXPECT_THAT(back, Not(HasSubstr("0200012345CAF")));
  for (const auto* reason :
       {"orientations.txt;3;2;60;;naissance;date.not_a_day;", "orientations.txt;4;3;11;;destinataire;code.unknown;",
        "orientations.txt;4;3;68;;nir;nir.key;", "orientations.txt;5;4;11;;;fixed.short_line;"})
    EXPECT_THAT(back, HasSubstr(reason));

  // Three households in ISO-8859-1; two of them are not as the schema wants them.
  const auto first = flow.find("<InfosFoyerRSA>");
  const auto last = flow.find("<TransmissionFlux>");
  const auto household = flow.substr(first, last - first);
  auto good = replaced(household, "208956400000000", "208956400000001");
  good = replaced(good, "BULLOCK", "BULLOCK-LEF\xC8VRE");
  auto bad_day = replaced(household, "208956400000000", "208956400000002");
  bad_day = replaced(bad_day, "<DTNAI>1973-07-21", "<DTNAI>1973-02-31");
  auto nameless = replaced(household, "208956400000000", "208956400000003");
  nameless = replaced(nameless, "<NOM>BULLOCK</NOM>", "<NOM>BULLOCK</NOM><NOM>BULLOCK</NOM>");
  auto three = flow.substr(0, first) + bad_day + good + nameless + flow.substr(last);
  three = replaced(replaced(three, "windows-1252", "ISO-8859-1"), "NSM>00000001<", "NSM>00000003<");
  sender.drop("RSABEM-trois.xml", three);
  ASSERT_TRUE(until([&] { return row_count() == 3 && rejected("RSABEM-trois.xml;"); })) << rows << sender.rejects();
  EXPECT_THAT(rows, HasSubstr("\nBULLOCK-LEF\xC3\x88VRE;ETA;"));
  const auto after = sender.rejects();
  for (const auto& [what, record, element] :
       {std::tuple{"1973-02-31", 1, "DTNAI"}, std::tuple{"</NOM><NOM>", 3, "NOM"}})
    EXPECT_THAT(after, testing::ContainsRegex(fmt::format("RSABEM-trois.xml;{};{};[^;]*;[^;]*;[^;]*{};xml.schema;",
                                                          line_of(three, what), record, element)));
  EXPECT_THAT(after, HasSubstr("<MATRICULE>208956400000002<"));
  EXPECT_THAT(after, Not(HasSubstr("<MATRICULE>208956400000001<")));
  EXPECT_TRUE(fs::is_empty(sender.there() / "in"));
  EXPECT_EQ(3, std::distance(fs::directory_iterator(sender.there() / "archive"), {}));
}

TEST_F(SftpRealFiles, that_are_invalid_as_a_whole_are_refused_with_the_place_and_nothing_of_them_is_sent) {
  const auto monthly = replaced(flow, "<TYPEFLUX>M<", "<TYPEFLUX>MENSUEL<");
  sender.drop("RSABEM-schema.xml", monthly);
  sender.drop("RSABEM-total.xml", replaced(flow, "NSM>00000001<", "NSM>00000007<"));
  const auto cut = flow.substr(0, flow.size() / 2);
  sender.drop("RSABEM-coupe.xml", cut);
  auto orientations = contents(kSamples / "mapping/orientations.txt");
  sender.drop("total.txt", replaced(orientations, "9900000004", "9900000005"));
  ASSERT_TRUE(until([&] {
    return rejected("RSABEM-schema.xml;") && rejected("RSABEM-total.xml;") && rejected("RSABEM-coupe.xml;") &&
           rejected("total.txt;");
  })) << sender.rejects();
  const auto back = sender.rejects();
  EXPECT_THAT(back, testing::ContainsRegex(fmt::format("RSABEM-schema.xml;{};[^;]*;[^;]*;[^;]*;[^;]*TYPEFLUX;"
                                                       "xml.schema;",
                                                       line_of(monthly, "MENSUEL"))));
  EXPECT_THAT(back, HasSubstr("RSABEM-total.xml;;;;;NBTOTDOSRSATRANSM;control.differs;"));
  EXPECT_THAT(back, testing::ContainsRegex(fmt::format("RSABEM-coupe.xml;{};[^\n]*xml.malformed;",
                                                       1 + std::count(cut.begin(), cut.end(), '\n'))));
  EXPECT_THAT(back, HasSubstr("total.txt;;;;;nombre de dossiers;control.differs;"));
  // What is sent after them arrives, alone.
  sender.drop("RSABEM-ouvert.xml", flow);
  ASSERT_TRUE(until([&] { return row_count() == 1; })) << rows << sender.rejects();
  EXPECT_THAT(rows, testing::StartsWith("BULLOCK;ETA;"));
}

}  // namespace
}  // namespace relais::tests
