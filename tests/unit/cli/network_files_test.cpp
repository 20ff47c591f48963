#include "broker/cli/network_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/base/crypto.h"
#include "tests/support/temporary_folder.h"

namespace relais::cli {
namespace {

namespace fs = std::filesystem;

std::string key_of(char c) { return base::base64(std::string(32, c)); }

std::string network_text() {
  return "id = \"besancon\"\nname = \"Besançon\"\nversion = 3\n"
         "[broker]\ntransport_key = \"" +
         key_of('A') + "\"\nsigning_key = {id = \"b-1\", key = \"" + key_of('B') +
         "\"}\n"
         "[[purpose]]\nid = \"housing\"\nname_en = \"Housing\"\nname_fr = \"Logement\"\n"
         "[[mission]]\nid = \"social\"\nname = \"Social\"\ncategories = [\"identity\", \"social_situation\", "
         "\"nir\"]\n";
}

std::string institution_text(const std::string& id, char first) {
  const auto key = [&](const std::string& use, char c) {
    return "[[institution." + use + "_key]]\nid = \"" + use + "-1\"\nkey = \"" + key_of(c) + "\"\n";
  };
  return "[[institution]]\nid = \"" + id + "\"\nname = \"" + id + "\"\nkind = \"ccas\"\nmission = \"social\"\n" +
         "communes = [\"25056\"]\nepcis = [\"200000172\"]\ndepartements = [\"2A\"]\n" + key("transport", first) +
         key("signing", static_cast<char>(first + 1)) + key("sealing", static_cast<char>(first + 2));
}

constexpr std::string_view kAgreement = R"(
[[agreement]]
id = "ccas-caf"
name = "Convention"
legal_basis = "CASF L121-6-2"
valid_from = 2026-01-01
valid_until = 2026-12-31
forwarding = true
retention = "30d"
unit_price_cents = 12
direction = [{from = "ccas-25056", to = "caf-25"}]
[[agreement.purpose]]
purpose = "housing"
categories = ["identity"]
[[agreement.deadline]]
priority = "urgent"
decide_within = "72h"
complete_within = "10d"
acknowledge_within = "30m"
)";

class NetworkFiles : public testing::Test {
 protected:
  NetworkFiles() {
    folder_.write("network.toml", network_text());
    folder_.write("institutions/b.toml", institution_text("ccas-25056", 'd'));
    folder_.write("institutions/a.toml", institution_text("caf-25", 'a'));
    folder_.write("agreements/ccas-caf.toml", kAgreement);
    folder_.write("services/s.toml",
                  "[[service]]\nid = \"desk\"\ninstitution = \"caf-25\"\nname = \"Desk\"\nthematics = "
                  "[\"logement-hebergement\"]\ncommunes = [\"25057\"]\n");
    folder_.write("README.md", "not a part of it");
  }

  std::vector<std::string> faults() {
    std::vector<std::string> lines;
    for (const auto& fault : load_network(folder_.path()).violations)
      lines.push_back(fault.place.file + ":" + std::to_string(fault.place.line) + " " + fault.path);
    return lines;
  }

  tests::TemporaryFolder folder_;
};

TEST_F(NetworkFiles, tell_terms_in_the_working_time_of_a_calendar) {
  std::string agreement(kAgreement);
  agreement.replace(agreement.find("72h"), 3, "10 working days");
  agreement.replace(agreement.find("10d"), 3, "4 working hours");
  agreement.replace(agreement.find("forwarding"), 0, "calendar = \"besancon\"\n");
  folder_.write("agreements/ccas-caf.toml", agreement);
  folder_.write("network.toml", network_text() + R"(
[[calendar]]
id = "besancon"
zone = "metropole"
weekdays = ["monday", "friday"]
opens = "08:30"
closes = "16:00"
closed = [2026-05-15]
)");
  const auto loaded = load_network(folder_.path());
  for (const auto& fault : loaded.violations) ADD_FAILURE() << fault.place.file << fault.path << fault.problem;
  const auto& calendar = loaded.definition.calendars(0);
  EXPECT_EQ(calendar.weekdays(1), 5U);
  EXPECT_EQ(calendar.opens_minute(), 510U);
  EXPECT_EQ(calendar.closes_minute(), 960U);
  EXPECT_EQ(calendar.closed_days(0), 20588);
  const auto& rule = loaded.definition.agreements(0).deadlines(0);
  EXPECT_EQ(rule.decide_within().working_days(), 10U);
  EXPECT_EQ(rule.complete_within().working_hours(), 4U);
}

TEST_F(NetworkFiles, name_the_line_of_a_term_or_a_calendar_that_is_wrong) {
  std::string agreement(kAgreement);
  agreement.replace(agreement.find("72h"), 3, "ten days");
  folder_.write("agreements/ccas-caf.toml", agreement);
  folder_.write("network.toml", network_text() + R"(
[[calendar]]
id = "besancon"
zone = "metropole"
weekdays = ["lundi"]
opens = "8h30"
closes = "16:00"
closed = ["2026-05-15"]
)");
  const auto found = faults();
  EXPECT_THAT(found, testing::Contains(testing::EndsWith(" agreements[\"ccas-caf\"].deadlines[0].decide_within")));
  for (const auto name : {"weekdays[0]", "opens", "closed"})
    EXPECT_THAT(found, testing::Contains(testing::EndsWith(" calendars[\"besancon\"]." + std::string(name)))) << name;
}

TEST_F(NetworkFiles, become_a_definition_with_every_field) {
  const auto loaded = load_network(folder_.path());
  for (const auto& fault : loaded.violations) ADD_FAILURE() << fault.place.file << fault.path << fault.problem;
  const auto& network = loaded.definition;
  EXPECT_EQ(network.network(), "besancon");
  EXPECT_EQ(network.version(), 3U);
  EXPECT_EQ(network.broker().signing_key().id(), "b-1");
  EXPECT_EQ(network.purposes(0).name_fr(), "Logement");
  EXPECT_EQ(network.missions(0).categories(2), v1::CATEGORY_NIR);
  ASSERT_EQ(network.institutions_size(), 2);
  EXPECT_EQ(network.institutions(0).id(), "caf-25");  // by the name of its file
  EXPECT_EQ(network.institutions(0).sealing_keys(0).key(), std::string(32, 'c'));
  EXPECT_EQ(network.institutions(1).departements(0), "2A");
  const auto& agreement = network.agreements(0);
  EXPECT_EQ(agreement.directions(0).to(), "caf-25");
  EXPECT_EQ(agreement.valid_from_ms(), 1767222000000);   // 2026-01-01 in Paris
  EXPECT_EQ(agreement.valid_until_ms(), 1798758000000);  // 2027-01-01: the last day counts
  EXPECT_TRUE(agreement.forwarding());
  EXPECT_EQ(agreement.retention_ms(), 2592000000);
  EXPECT_EQ(agreement.unit_price_cents(), 12);
  EXPECT_EQ(agreement.deadlines(0).priority(), v1::PRIORITY_URGENT);
  EXPECT_EQ(agreement.deadlines(0).decide_within().ms(), 259200000);
  EXPECT_EQ(agreement.deadlines(0).acknowledge_within().ms(), 1800000);
  EXPECT_EQ(network.services(0).communes(0), "25057");
}

TEST_F(NetworkFiles, give_the_same_definition_each_time) {
  EXPECT_EQ(load_network(folder_.path()).definition.SerializeAsString(),
            load_network(folder_.path()).definition.SerializeAsString());
}

TEST_F(NetworkFiles, name_the_line_of_a_fault_that_only_the_whole_shows) {
  folder_.write("institutions/c.toml", institution_text("caf-25", 'g') + institution_text("msa-25", 'a'));
  EXPECT_THAT(faults(), testing::ElementsAre("institutions/c.toml:2 institutions[2].id",
                                             "institutions/c.toml:31 institutions[\"msa-25\"].signing_keys[0].key",
                                             "institutions/c.toml:34 institutions[\"msa-25\"].sealing_keys[0].key"));
}

TEST_F(NetworkFiles, name_the_table_when_a_key_is_missing_from_it) {
  folder_.write("services/t.toml", "\n[[service]]\nid = \"door\"\ninstitution = \"caf-25\"\n");
  EXPECT_THAT(faults(), testing::ElementsAre("services/t.toml:2 services[\"door\"].name"));
}

TEST_F(NetworkFiles, do_not_blame_others_for_a_file_that_can_not_be_read) {
  folder_.write("institutions/a.toml", "[[institution\n");
  EXPECT_THAT(faults(), testing::ElementsAre("institutions/a.toml:1 "));
  folder_.write("institutions/a.toml", institution_text("caf-25", 'a'));
  folder_.write("network.toml", "id = \n");
  EXPECT_THAT(faults(), testing::ElementsAre("network.toml:1 "));
}

TEST_F(NetworkFiles, refuse_a_file_that_would_not_be_read) {
  folder_.write("institutions/old/x.toml", "");
  folder_.write("agreement/x.toml", "");
  EXPECT_THAT(faults(), testing::ElementsAre("agreement/x.toml:0 ", "institutions/old/x.toml:0 "));
}

TEST_F(NetworkFiles, say_so_when_the_directory_is_not_one) {
  fs::remove_all(folder_.path() / "institutions");
  fs::remove(folder_.path() / "network.toml");
  EXPECT_THAT(faults(), testing::Contains("network.toml:0 "));
  EXPECT_FALSE(load_network(folder_.path() / "none").violations.empty());
}

}  // namespace
}  // namespace relais::cli
