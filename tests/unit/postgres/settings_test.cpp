#include "adapters/postgres/settings.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace relais::postgres {
namespace {

struct Read {
  Settings settings;
  std::vector<base::FileViolation> faults;

  [[nodiscard]] bool blames(std::string_view path) const {
    return std::ranges::any_of(faults, [&](const auto& fault) { return fault.path.ends_with(path); });
  }
};

Read read(std::string_view text, const std::filesystem::path& folder = {}) {
  base::Findings findings;
  Read answer;
  const toml::table table = toml::parse(text);
  base::TableReader whole(table, "postgres.toml", "", findings);
  read_settings(whole, folder, answer.settings);
  whole.finish();
  answer.faults = findings.take();
  return answer;
}

constexpr std::string_view kMapping = R"(
[mapping]
name = "own"
version = 1
[in]
format = "sql"
kind = "referral_requested"
fields = [ { from = "dossier", to = "local.reference" } ]
[out]
format = "sql"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [ { from = "local.referral", to = "orientation" } ]
)";

TEST(Settings, need_nothing_but_a_connection) {
  const auto answer = read("[database]\nconnection = \"service=caf\"\n");
  EXPECT_TRUE(answer.faults.empty());
  EXPECT_TRUE(answer.settings.keeps_book);
  EXPECT_FALSE(answer.settings.inbox.own_table());
  EXPECT_EQ(answer.settings.outbox.channel, "relais_outbox");
}

TEST(Settings, tell_all_faults_at_once) {
  const auto answer = read(R"(
[database]
connection = "host=a password=b"
poll_intervall = "1s"
[inbox]
table = "a;b"
bad_rows = "drop"
[outbox]
table = "envois"
)");
  EXPECT_TRUE(answer.blames("connection"));
  EXPECT_TRUE(answer.blames("poll_intervall"));
  EXPECT_TRUE(answer.blames("table"));
  EXPECT_TRUE(answer.blames("bad_rows"));
  EXPECT_TRUE(answer.blames("mapping"));
  EXPECT_TRUE(answer.blames("columns.key"));
  EXPECT_TRUE(answer.blames("columns.reference"));
}

TEST(Settings, take_tables_of_the_institution) {
  const tests::TemporaryFolder folder;
  folder.write("own.toml", kMapping);
  const auto answer = read(R"(
[database]
connection = "service=caf"
own_tables_only = true
[inbox]
table = "metier.recus"
key = "relais_id"
mapping = "own.toml"
[[inbox.records]]
record = "orientation"
table = "metier.orientations"
key = "relais_id"
[outbox]
table = "metier.envois"
channel = "envois"
mapping = "own.toml"
columns = { key = "id", state = "etat", message_id = "relais_id", taken_by = "relais_par", reference = "dossier" }
)",
                           folder.path());
  for (const auto& fault : answer.faults) ADD_FAILURE() << fault.path << ": " << fault.problem;
  EXPECT_FALSE(answer.settings.keeps_book);
  EXPECT_EQ(answer.settings.outbox.columns.state, "etat");
  EXPECT_EQ(answer.settings.outbox.columns.code, "");
  EXPECT_EQ(answer.settings.inbox.records.at("orientation").table, "metier.orientations");
}

TEST(Settings, refuse_own_tables_only_where_a_table_is_ours) {
  EXPECT_TRUE(read("[database]\nconnection = \"service=caf\"\nown_tables_only = true\n").blames("own_tables_only"));
}

}  // namespace
}  // namespace relais::postgres
