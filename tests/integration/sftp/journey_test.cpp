// Two institutions whose software knows only files on an SFTP server, with a real relaisd between them: CSV in
// windows-1252 and fixed width on one side, XML in ISO-8859-1 with a schema on the other.
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/integration/sftp/campaign_length.h"
#include "tests/integration/sftp/institution.h"
#include "tests/support/run_program.h"

namespace relais::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

constexpr auto kPatience = std::chrono::seconds(45);

/// Each value of an attribute or element of `xml`.
std::vector<std::string> values(const std::string& xml, const std::string& before, char after) {
  std::vector<std::string> found;
  for (auto at = xml.find(before); at != std::string::npos; at = xml.find(before, at + 1))
    found.push_back(xml.substr(at + before.size(), xml.find(after, at + before.size()) - at - before.size()));
  return found;
}

std::string csv(const std::vector<std::string>& numbers) {
  std::string text = "Num\xE9ro;Nom;Pr\xE9nom\r\n";
  for (const auto& number : numbers) text += number + ";CANARI-" + number + ".;Andr\xE9\r\n";
  return text;
}

std::string answers(const std::vector<std::string>& referrals) {
  std::string text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<Suivis>";
  for (const auto& id : referrals)
    for (const auto* const state : {"accepte", "termine"})
      text += fmt::format("<Suivi orientation=\"{}\" etat=\"{}\"><Agent>Ren\xE9</Agent></Suivi>", id, state);
  return text + "</Suivis>\n";
}

class SftpJourney : public testing::Test {
 protected:
  void begin(const fs::path& caf_key = {}) {
    ccas = std::make_unique<Institution>(network, sshd, "ccas-25056", kCcasMapping, "stable", sshd.client_key());
    caf = std::make_unique<Institution>(network, sshd, "caf-25", kCafMapping, "rename",
                                        caf_key.empty() ? sshd.client_key() : caf_key);
    for (auto* const one : {ccas.get(), caf.get()}) {
      const auto checked = run_program(std::string(RELAIS_BIN) + "/relais-sftp --check '" + one->config() + "' 2>&1");
      ASSERT_EQ(0, checked.exit_code) << checked.output;
      one->adapter().start();
    }
  }

  void TearDown() override {
    for (const auto& log : {ccas->log(), caf->log(), contents(network.broker().log()), sshd.log()}) {
      EXPECT_THAT(log, Not(HasSubstr("CANARI")));
      EXPECT_THAT(log, Not(HasSubstr("export")));
      if (HasFailure()) std::cerr << log.substr(log.size() > 4'000 ? log.size() - 4'000 : 0) << "\n----\n";
    }
  }

  template <class Reached>
  static bool until(const Reached& reached) {
    for (const auto end = steady_clock::now() + kPatience; steady_clock::now() < end;) {
      if (reached()) return true;
      std::this_thread::sleep_for(milliseconds(30));
    }
    return false;
  }

  /// What both softwares do of themselves: the CAF answers each referral, the CCAS reads what became of it.
  void work() {
    const auto orientations = caf->take();
    const auto ids = values(orientations, "id=\"", '"');
    for (const auto& name : values(orientations, "<Nom>", '<')) ++arrived[name];
    received += orientations;
    if (!ids.empty()) caf->drop(fmt::format("suivis-{}.xml", ++answered), answers(ids));
    std::istringstream lines(ccas->take());
    for (std::string line; std::getline(lines, line);) {
      line.erase(line.find_last_not_of(" \r") + 1);
      if (line.size() > 12) ++told[line.substr(0, line.find(' ')) + " " + line.substr(12)];
    }
  }

  /// However slow it is: false when nothing more is told for as long as patience lasts.
  bool until_completed(const std::vector<std::string>& numbers) {
    for (auto end = steady_clock::now() + kPatience; steady_clock::now() < end;) {
      const auto before = told.size();
      work();
      if (all_completed(numbers)) return true;
      if (told.size() > before) end = steady_clock::now() + kPatience;
      std::this_thread::sleep_for(milliseconds(30));
    }
    return false;
  }

  [[nodiscard]] int times_told(const std::string& number, const std::string& what) const {
    const auto found = told.find(number + " " + what);
    return found == told.end() ? 0 : found->second;
  }

  [[nodiscard]] bool all_completed(const std::vector<std::string>& numbers) const {
    return std::ranges::all_of(numbers,
                               [&](const auto& number) { return times_told(number, "referral_completed") > 0; });
  }

  ThrowawaySshd sshd;
  RealNetwork network;
  std::unique_ptr<Institution> ccas;
  std::unique_ptr<Institution> caf;
  std::map<std::string, int> arrived;
  std::map<std::string, int> told;
  std::string received;
  int answered = 0;
};

TEST_F(SftpJourney, a_referral_goes_from_csv_to_xml_and_its_answers_come_back_in_fixed_width) {
  ASSERT_NO_FATAL_FAILURE(begin());
  ccas->drop("export.csv", csv({"D1", "D2"}));
  ASSERT_TRUE(until([&] {
    work();
    return all_completed({"D1", "D2"});
  })) << ccas->rejects()
      << caf->rejects();
  EXPECT_THAT(received, HasSubstr("encoding=\"iso-8859-1\""));
  EXPECT_THAT(received, HasSubstr("<Prenom>Andr\xE9</Prenom>"));
  for (const auto* number : {"D1", "D2"}) {
    EXPECT_EQ(1, arrived[fmt::format("CANARI-{}.", number)]);
    for (const auto* what : {"referral_received", "referral_accepted", "referral_completed"})
      EXPECT_EQ(1, times_told(number, what)) << number << " " << what;
  }
  EXPECT_EQ("", ccas->rejects() + caf->rejects());
  EXPECT_TRUE(fs::is_empty(ccas->there() / "in"));
  EXPECT_EQ(1, std::distance(fs::directory_iterator(ccas->there() / "archive"), {}));

  // Against the schema: back to the server, with the reason.
  caf->drop("faux.xml",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Suivis><Suivi orientation=\"x\" "
            "etat=\"peut-\xEAtre\"/></Suivis>");
  EXPECT_TRUE(until([&] { return caf->rejects().find("xml.schema") != std::string::npos; })) << caf->rejects();

  // Still being written: it waits until it is whole.
  const std::vector<std::string> later{"D11", "D12", "D13"};
  const auto whole = csv(later);
  const auto path = ccas->there() / "in/export.csv";
  {
    std::ofstream file(path, std::ios::binary);
    for (std::size_t at = 0; at < whole.size(); at += 20) {
      file << whole.substr(at, 20) << std::flush;
      if (at == 0) sshd.give(path);
      std::this_thread::sleep_for(milliseconds(400));
      ASSERT_TRUE(fs::exists(path)) << "taken before it was whole";
    }
  }
  EXPECT_TRUE(until([&] {
    work();
    return all_completed(later);
  }));
  EXPECT_EQ("", ccas->rejects());
}

TEST_F(SftpJourney, a_wrong_key_and_a_missing_folder_are_told_and_stop_nobody_else) {
  ASSERT_NO_FATAL_FAILURE(begin(sshd.new_key("stranger")));
  fs::remove(ccas->there() / "archive");
  fs::permissions(ccas->there() / "out", fs::perms::owner_read | fs::perms::owner_exec);
  ccas->drop("export.csv", csv({"D1"}));
  EXPECT_TRUE(until([&] { return caf->log().find("user_key_refused") != std::string::npos; }));
  EXPECT_TRUE(until([&] {
    const auto log = ccas->log();
    return log.find("server.archive") != std::string::npos;
  })) << ccas->log();
  // The request is at the CAF's adapter; it waits there until its server lets it in.
  EXPECT_TRUE(until([&] { return !fs::is_empty(caf->here() / "folders/out"); }));
  fs::copy_file(sshd.client_key().parent_path() / "stranger.pub", sshd.client_key().parent_path() / "authorized_keys",
                fs::copy_options::overwrite_existing);
  EXPECT_TRUE(until([&] { return !fs::is_empty(caf->there() / "out"); }));
  fs::copy_file(sshd.client_key().parent_path() / "client.pub", sshd.client_key().parent_path() / "authorized_keys",
                fs::copy_options::overwrite_existing);
  // "received" comes back and can not be put down.
  EXPECT_TRUE(until([&] {
    const auto log = ccas->log();
    return log.find("server.out") != std::string::npos && log.find("no_permission") != std::string::npos;
  })) << ccas->log();
  fs::permissions(ccas->there() / "out", fs::perms::owner_all);
  (void)sshd.make_folder("ccas-25056/archive");
  EXPECT_TRUE(until([&] {
    work();
    return times_told("D1", "referral_received") == 1 && !fs::is_empty(ccas->there() / "archive");
  }));
  EXPECT_EQ(1, arrived["CANARI-D1."]);
}

TEST_F(SftpJourney, killed_at_random_instants_nothing_is_lost_or_repeated) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const auto seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  const auto draw = [&](int least, int most) { return std::uniform_int_distribution(least, most)(random); };
  std::vector<std::string> all;
  for (int round = 0; round < campaign_length(5); ++round) {
    std::vector<std::string> numbers;
    for (int i = 0; i < 5; ++i) numbers.push_back(fmt::format("D{}", all.size() + static_cast<std::size_t>(i)));
    all.insert(all.end(), numbers.begin(), numbers.end());
    ccas->drop(fmt::format("export-{}.csv", round), csv(numbers));
    const auto end = steady_clock::now() + milliseconds(draw(300, 1'500));
    while (steady_clock::now() < end) {
      work();
      std::this_thread::sleep_for(milliseconds(draw(5, 60)));
    }
    switch (draw(0, 3)) {
      case 0:
        ccas->adapter().kill();
        ccas->adapter().start();
        break;
      case 1:
        caf->adapter().kill();
        caf->adapter().start();
        break;
      case 2:
        sshd.kill();
        sshd.start();
        break;
      default:
        network.broker().kill();
        network.broker().start();
    }
  }
  EXPECT_TRUE(until_completed(all)) << ccas->rejects() << caf->rejects();
  std::this_thread::sleep_for(milliseconds(1'500));  // what comes twice comes now
  work();
  for (const auto& number : all) {
    EXPECT_EQ(1, arrived[fmt::format("CANARI-{}.", number)]) << number;
    for (const auto* what : {"referral_accepted", "referral_completed"})
      EXPECT_EQ(1, times_told(number, what)) << number << " " << what;
    EXPECT_LE(times_told(number, "referral_received"), 1) << number;
  }
  EXPECT_EQ("", ccas->rejects() + caf->rejects());
}

}  // namespace
}  // namespace relais::tests
