// What an import of published directories reports and writes, from the files in tests/data/directory.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

namespace relais::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class DirectoryImport : public testing::Test {
 protected:
  DirectoryImport() { fs::copy(RELAIS_SOURCE "/tests/data/directory/network", network_, fs::copy_options::recursive); }

  tests::Run ctl(const std::string& command) const {
    return tests::run_program(RELAIS_BIN "/relaisctl " + command + " --network '" + network_.string() + "' 2>&1");
  }
  tests::Run import(const std::string& files, const std::string& options = {}) const {
    return ctl("directory import " + files + " --institutions tests/data/directory/structures.toml " + options);
  }

  /// The files of the import, one after the other.
  std::string written() const {
    std::vector<fs::path> names;
    for (const auto* folder : {"locations", "services"})
      if (fs::exists(network_ / folder))
        for (const auto& entry : fs::directory_iterator(network_ / folder)) names.push_back(entry.path());
    std::ranges::sort(names);
    std::string all;
    for (const auto& name : names)
      all += "== " + name.lexically_relative(network_).string() + "\n" + text_of(name) + "\n";
    return all;
  }

  void expect_sound_without_persons(const std::string& text) const {
    EXPECT_EQ(tests::run_program(RELAIS_BIN "/relaisctl network check '" + network_.string() + "' 2>&1").exit_code, 0);
    for (const auto* planted : {"Camille", "Dominique", "0300000000", "example.org"})
      EXPECT_EQ(text.find(planted), std::string::npos) << planted;
  }

  tests::TemporaryFolder folder_;
  const fs::path network_ = folder_.path() / "network";
  const std::string data_inclusion_ =
      "--format datainclusion tests/data/directory/datainclusion/structures.json "
      "tests/data/directory/datainclusion/services.json";
};

TEST_F(DirectoryImport, of_data_inclusion_reports_and_writes_as_recorded) {
  const auto run = import(data_inclusion_, "--stale-months 1200");
  EXPECT_EQ(run.exit_code, 0);
  const auto all = run.output + "\n" + written();
  tests::expect_golden("directory-datainclusion.txt", all);
  expect_sound_without_persons(all);
}

TEST_F(DirectoryImport, of_hsds_reports_and_writes_as_recorded) {
  const auto run = import("--format hsds tests/data/directory/hsds/organization.json", "--stale-months 1200");
  EXPECT_EQ(run.exit_code, 0);
  const auto all = run.output + "\n" + written();
  tests::expect_golden("directory-hsds.txt", all);
  expect_sound_without_persons(all);
}

TEST_F(DirectoryImport, of_the_tables_of_hsds_is_that_of_its_json) {
  ASSERT_EQ(import("--format hsds tests/data/directory/hsds-tables/*.csv").exit_code, 0);
  const auto json = import("--json --format hsds tests/data/directory/hsds/organization.json --dry-run");
  EXPECT_NE(json.output.find("\"unchanged_count\": 1"), std::string::npos) << json.output;
  EXPECT_NE(json.output.find("\"changed_count\": 0"), std::string::npos) << json.output;
}

TEST_F(DirectoryImport, a_second_time_changes_nothing) {
  ASSERT_EQ(import(data_inclusion_).exit_code, 0);
  const auto before = written();
  const auto again = import("--json " + data_inclusion_);
  EXPECT_NE(again.output.find("\"new_count\": 0"), std::string::npos) << again.output;
  EXPECT_NE(again.output.find("\"unchanged_count\": 4"), std::string::npos) << again.output;
  EXPECT_EQ(written(), before);
}

TEST_F(DirectoryImport, removes_what_is_gone_unless_told_to_keep_it_and_writes_nothing_when_dry) {
  ASSERT_EQ(import(data_inclusion_).exit_code, 0);
  const auto before = written();
  const std::string table =
      "--format datainclusion tests/data/directory/datainclusion/structures.json "
      "tests/data/directory/datainclusion/services.csv";
  const auto dry = import("--json " + table, "--dry-run");
  EXPECT_NE(dry.output.find("\"gone_count\": 3"), std::string::npos) << dry.output;
  EXPECT_NE(dry.output.find("\"unchanged_count\": 1"), std::string::npos) << dry.output;
  EXPECT_EQ(written(), before);
  EXPECT_EQ(import(table, "--keep-gone").exit_code, 0);
  EXPECT_EQ(written(), before);
  EXPECT_EQ(import(table).exit_code, 0);
  EXPECT_EQ(written().find("services/datainclusion-adil-25.toml"), std::string::npos);
}

TEST_F(DirectoryImport, keeps_a_capacity_that_was_set_by_hand) {
  ASSERT_EQ(import(data_inclusion_).exit_code, 0);
  std::ofstream(network_ / "services/datainclusion-ccas-25056.toml", std::ios::app) << "capacity = \"waitlist\"\n";
  const auto before = written();
  ASSERT_EQ(import(data_inclusion_).exit_code, 0);
  EXPECT_EQ(written(), before);
}

TEST_F(DirectoryImport, refuses_an_id_that_stands_in_a_file_written_by_hand_and_writes_nothing) {
  fs::create_directories(network_ / "services");
  std::ofstream(network_ / "services/own.toml")
      << "[[service]]\nid = \"exemple--accueil-social\"\ninstitution = \"caf-25\"\nname = \"Autre\"\n";
  const auto before = written();
  const auto run = import(data_inclusion_);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.output.find("\"exemple--accueil-social\" is already defined"), std::string::npos) << run.output;
  EXPECT_EQ(written(), before);
}

TEST_F(DirectoryImport, says_which_file_is_none_and_what_is_wrong_with_the_table_of_structures) {
  const auto csv = folder_.write("services.csv", "id,nom\na\n");
  auto run = import("--format datainclusion '" + csv.string() + "'");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.output.find("services.csv"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("line 2: has 1 cells, the header 2"), std::string::npos) << run.output;
  const auto table = folder_.write("structures.toml",
                                   "[[institution]]\nid = \"nobody\"\nsirets = [\"26250011500016\"]\nsiret = \"1\"\n");
  run = ctl("directory import " + data_inclusion_ + " --institutions '" + table.string() + "'");
  EXPECT_EQ(run.exit_code, 1);
  for (const auto* said : {"the network has no such institution", "26250011500016 is no SIRET", "siret"})
    EXPECT_NE(run.output.find(said), std::string::npos) << run.output;
}

TEST_F(DirectoryImport, is_what_a_route_is_found_by) {
  ASSERT_EQ(import(data_inclusion_).exit_code, 0);
  const std::string question = "--json route --from caf-25 --purpose housing --need ";
  const auto one = ctl(question + "difficultes-financieres --commune 25056");
  EXPECT_EQ(one.exit_code, 0) << one.output;
  EXPECT_NE(one.output.find("\"recipient\": \"ccas-25056\""), std::string::npos) << one.output;
  const auto several = ctl(question + "logement-hebergement--se-maintenir-dans-le-logement --commune 25056");
  EXPECT_EQ(several.exit_code, 1);
  EXPECT_NE(several.output.find("\"verdict\": \"route.ambiguous\""), std::string::npos) << several.output;
  const auto merged = ctl(question + "logement-hebergement--acheter --commune 62461");
  EXPECT_NE(merged.output.find("\"commune\": \"62447\""), std::string::npos) << merged.output;
  EXPECT_NE(merged.output.find("\"recipient\": \"adil-25\""), std::string::npos) << merged.output;
  const auto nobody = ctl(question + "mobilite --commune 25056");
  EXPECT_NE(nobody.output.find("\"verdict\": \"route.none\""), std::string::npos) << nobody.output;
  const auto unknown = ctl(question + "mobilite --commune 25999");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.output.find("commune.unknown"), std::string::npos) << unknown.output;
}

TEST_F(DirectoryImport, names_merged_communes_and_unknown_places_when_the_network_is_checked) {
  fs::create_directories(network_ / "services");
  std::ofstream(network_ / "services/own.toml")
      << "[[service]]\nid = \"own\"\ninstitution = \"caf-25\"\nname = \"Autre\"\ncommunes = [\"25056\", \"62461\", "
         "\"25999\"]\nepcis = [\"242500378\"]\ndepartements = [\"985\"]\nlocations = [\"nowhere\"]\n";
  const auto run = tests::run_program(RELAIS_BIN "/relaisctl network check '" + network_.string() + "' 2>&1");
  EXPECT_EQ(run.exit_code, 1);
  for (const auto* said : {"62461 was merged into another commune", "62447", "25999 is no commune",
                           "985 is no département", "there is no such location"})
    EXPECT_NE(run.output.find(said), std::string::npos) << said << "\n" << run.output;
}

}  // namespace
}  // namespace relais::cli
