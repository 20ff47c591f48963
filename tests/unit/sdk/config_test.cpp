#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/sdk/adapter_config.h"
#include "adapters/sdk/metrics_text.h"
#include "tests/support/small_network.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    base::crypto_init();
    write_key("transport.key", {base::KeyUse::transport, "transport-1", base::new_transport_pair()});
    write_key("signing.key", {base::KeyUse::signing, "signing-1", base::new_signing_pair()});
    write_key("sealing.key", {base::KeyUse::sealing, "sealing-1", base::new_sealing_pair()});
  }

  void write_key(const std::string& name, const base::KeyFile& key) {
    ASSERT_TRUE(base::write_key_file(folder.path() / name, key));
  }

  /// Faults as "line path problem".
  std::vector<std::string> faults(const std::string& text, const ReadConnector& connector = {}) {
    read = read_config(folder.write("adapter.toml", text), connector);
    std::vector<std::string> all;
    for (const auto& fault : read.faults)
      all.push_back(fmt::format("{} {} {}", fault.place.line, fault.path, fault.problem));
    return all;
  }

  std::string good() {
    return fmt::format(R"([relais]
name = "files-ccas"
network = "test"
broker_public_key = "{0}"
authority_public_key = "{0}"
endpoints = ["tcp://127.0.0.1:5570", "tcp://[::1]:5570"]
transport_key = "transport.key"
data_dir = "data"

[[relais.institution]]
id = "ccas-25056"
signing_keys = ["signing.key"]
sealing_keys = ["sealing.key"]
)",
                       base::base64(std::string(32, 'k')));
  }

  tests::TemporaryFolder folder;
  ConfigRead read;
};

TEST_F(ConfigTest, reads_a_complete_file) {
  const auto found = faults(good() + "[log]\nlevel = \"debug\"\nformat = \"json\"\n");
  ASSERT_TRUE(found.empty()) << found.front();
  EXPECT_EQ(read.config.name, "files-ccas");
  EXPECT_EQ(read.config.pins.network, "test");
  EXPECT_EQ(read.config.endpoints.size(), 2u);
  EXPECT_EQ(read.config.data_dir, folder.path() / "data");
  ASSERT_EQ(read.config.institutions.size(), 1u);
  EXPECT_EQ(read.config.institutions[0].signing_keys[0].id, "signing-1");
  EXPECT_TRUE(read.config.automatic_receipts);
  EXPECT_EQ(read.config.health_port, 0);
  EXPECT_EQ(read.config.log_format, base::LogFormat::json);
}

TEST_F(ConfigTest, tells_all_faults_at_once_with_line_and_key) {
  const auto found = faults(R"([relais]
name = "no spaces"
broker_public_key = "short"
endpoints = ["udp://x"]
transport_key = "signing.key"
data_dir = 7
health_port = 70000
unknown = 1

[[relais.institution]]
id = "ccas-25056"
signing_keys = ["missing.key"]

[[relais.institution]]
id = "ccas-25056"
signing_keys = ["signing.key"]
sealing_keys = ["sealing.key"]

[other]
)");
  const auto has = [&](const std::string& start) {
    return std::any_of(found.begin(), found.end(), [&](const std::string& one) { return one.starts_with(start); });
  };
  EXPECT_TRUE(has("2 relais.name is not a name"));
  EXPECT_TRUE(has("1 relais.network is missing"));
  EXPECT_TRUE(has("3 relais.broker_public_key"));
  EXPECT_TRUE(has("1 relais.authority_public_key"));
  EXPECT_TRUE(has("4 relais.endpoints[0] is not an endpoint"));
  EXPECT_TRUE(has("5 relais.transport_key is a key for signing"));
  EXPECT_TRUE(has("6 relais.data_dir is"));
  EXPECT_TRUE(has("7 relais.health_port is too large"));
  EXPECT_TRUE(has("8 relais.unknown is not a known key"));
  EXPECT_TRUE(has("12 relais.institution[0].signing_keys[0] can not be used"));
  EXPECT_TRUE(has("10 relais.institution[0].sealing_keys is missing"));
  EXPECT_TRUE(has("15 relais.institution[1].id stands here twice"));
  EXPECT_TRUE(has("19 other is not a known key"));
  if (HasFailure())
    for (const auto& one : found) std::cerr << one << "\n";
}

TEST_F(ConfigTest, refuses_what_a_new_adapter_leaves_to_be_replaced) {
  auto text = good();
  text.replace(text.find("\"test\""), 6, "\"REPLACE\"");
  text.replace(text.find("ccas-25056"), 10, "REPLACE");
  EXPECT_THAT(faults(text), testing::UnorderedElementsAre("3 relais.network is not an id",
                                                          "11 relais.institution[0].id is not an id"));
}

TEST_F(ConfigTest, refuses_a_key_file_that_others_may_read) {
  std::filesystem::permissions(folder.path() / "sealing.key", std::filesystem::perms(0644));
  const auto found = faults(good());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].find("0600"), std::string::npos);
}

TEST_F(ConfigTest, hands_the_tables_of_the_connector_on_and_refuses_what_nobody_reads) {
  std::string folder_of_connector;
  const auto connector = [&](base::TableReader& whole, const std::filesystem::path&) {
    if (auto table = whole.table("files")) {
      folder_of_connector = table->text("in");
      table->finish();
    }
  };
  EXPECT_TRUE(faults(good() + "[files]\nin = \"here\"\n", connector).empty());
  EXPECT_EQ(folder_of_connector, "here");
  const auto found = faults(good() + "[files]\nin = \"here\"\nout = \"there\"\n", connector);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].find("files.out is not a known key") != std::string::npos);
}

TEST_F(ConfigTest, says_what_is_wrong_with_a_file_that_is_none) {
  EXPECT_EQ(faults("[relais\n").size(), 1u);
  EXPECT_EQ(faults("").size(), 1u);
  EXPECT_EQ(read_config(folder.path() / "absent.toml", {}).faults.size(), 1u);
}

TEST(MetricsText, names_every_figure_once_and_marks_counters) {
  Health health;
  health.connected = true;
  health.handled = 17;
  health.not_carried = 3;
  const auto text = metrics_text(health, "files-ccas");
  EXPECT_NE(text.find("relais_adapter_handled_total{adapter=\"files-ccas\"} 17"), std::string::npos);
  EXPECT_NE(text.find("# TYPE relais_adapter_handled_total counter"), std::string::npos);
  EXPECT_NE(text.find("# TYPE relais_adapter_connected gauge"), std::string::npos);
  const auto json = health_json(health, "files-ccas");
  EXPECT_NE(json.find("\"handled\":17"), std::string::npos);
  EXPECT_NE(text.find("relais_adapter_not_carried_total{adapter=\"files-ccas\"} 3"), std::string::npos);
  EXPECT_NE(json.find("\"not_carried\":3"), std::string::npos);
  EXPECT_NE(json.find("\"last_contact_ms\":null"), std::string::npos);
  EXPECT_NE(json.find("\"ready\":false"), std::string::npos);
}

}  // namespace
}  // namespace relais::sdk
