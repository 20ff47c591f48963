#include "adapters/files/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/support/files_fixture.h"

namespace relais::files {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  std::vector<ExchangeConfig> exchanges;
  std::vector<std::string> faults;
};

Read read(const tests::TemporaryFolder& folder, const std::string& text) {
  (void)folder.write("mapping.toml", tests::kFilesMapping);
  const auto file = folder.write("files.toml", text);
  base::Findings findings;
  const auto content = base::read_toml(file, "files.toml", findings);
  Read read;
  if (content) {
    base::TableReader whole(*content, "files.toml", {}, findings);
    read.exchanges = read_exchanges(whole, folder.path());
    whole.finish();
  }
  for (const auto& fault : findings.take())
    read.faults.push_back(fault.place.file + ":" + std::to_string(fault.place.line) + ": " + fault.path + ": " +
                          fault.problem);
  return read;
}

TEST(FilesConfig, says_little_and_means_the_defaults) {
  const tests::TemporaryFolder folder;
  const auto said = read(folder, R"(
[[exchange]]
institution = "ccas-25056"
folder = "ccas"
[[exchange.read]]
mapping = "mapping.toml"
[[exchange.write]]
mapping = "mapping.toml"
)");
  EXPECT_THAT(said.faults, IsEmpty());
  ASSERT_THAT(said.exchanges, SizeIs(1));
  const auto& exchange = said.exchanges.front();
  EXPECT_EQ(folder.path() / "ccas/rejects", exchange.folders.rejects);
  EXPECT_EQ(CompleteWhen::stable, exchange.arrival.when);
  ASSERT_THAT(exchange.readers, SizeIs(1));
  EXPECT_EQ(&exchange.readers.front(), reader_for(exchange, "anything"));
  EXPECT_EQ("ccas-25056", exchange.readers.front().drafting.institution);
  ASSERT_THAT(exchange.writers, SizeIs(1));
  EXPECT_EQ(".csv", exchange.writers.front().extension);
  EXPECT_EQ(Writer::kName, exchange.writers.front().name);
}

TEST(FilesConfig, tells_all_faults_at_once_with_their_lines) {
  const tests::TemporaryFolder folder;
  const auto said = read(folder, R"(
[[exchange]]
institution = "ccas-25056"
complete = "soon"
poll = 5
[[exchange.read]]
mapping = "none.toml"
rows = "things"
[[exchange.write]]
mapping = "mapping.toml"
name = "always"
batch_messages = 5000
colour = "blue"
)");
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:4: exchange[0].complete: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:5: exchange[0].poll: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("exchange[0].folder: is missing")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:7: exchange[0].read[0].mapping: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:8: exchange[0].read[0].rows: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:11: exchange[0].write[0].name: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:12: exchange[0].write[0].batch_messages: ")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("exchange[0].write[0].batch_age: is missing")));
  EXPECT_THAT(said.faults, Contains(HasSubstr("files.toml:13: exchange[0].write[0].colour: ")));
}

TEST(FilesConfig, two_institutions_never_share_their_folders) {
  const tests::TemporaryFolder folder;
  const auto said = read(folder, R"(
[[exchange]]
institution = "ccas-25056"
folder = "one"
[[exchange]]
institution = "caf-25"
folder = "one"
)");
  EXPECT_THAT(said.faults, Contains(HasSubstr("is that of another exchange")));
}

TEST(FilesConfig, the_example_is_valid) {
  base::Findings findings;
  const auto example = std::filesystem::path(RELAIS_SOURCE) / "config/examples/files.toml";
  const auto content = base::read_toml(example, "files.toml", findings);
  ASSERT_TRUE(content.has_value());
  base::TableReader whole(*content, "files.toml", {}, findings);
  EXPECT_THAT(read_exchanges(whole, example.parent_path()), SizeIs(1));
  EXPECT_THAT(findings.take(), IsEmpty());
}

TEST(FilesConfig, patterns_choose_the_reader_whatever_the_capitals) {
  EXPECT_TRUE(fits("Orientations_2026.CSV", "orientations*.csv"));
  EXPECT_TRUE(fits("a.csv", "?.csv"));
  EXPECT_FALSE(fits("ab.csv", "?.csv"));
}

}  // namespace
}  // namespace relais::files
