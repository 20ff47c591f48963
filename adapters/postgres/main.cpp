// relais-postgres: connects an institution's software through tables of its own PostgreSQL database.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "adapters/postgres/connector.h"
#include "adapters/postgres/schema.h"
#include "adapters/sdk/run_adapter.h"

namespace {

using relais::postgres::Settings;

constexpr std::string_view kSummary =
    "Connects an institution's software through tables of its own PostgreSQL database.\n"
    "  relais-postgres --print-schema         the SQL of the schema relais, for psql\n"
    "  relais-postgres --install CONNECTION   installs or upgrades it; CONNECTION as for libpq, of the owner";

int fail(const relais::base::Refusal& refusal) {
  fmt::print(stderr, "relais-postgres: {}\n", refusal.english());
  return 1;
}

int install(const std::string& conninfo) {
  relais::postgres::ConnectionSettings settings;
  settings.conninfo = conninfo;
  auto connection = relais::postgres::Connection::open(settings);
  if (!connection) return fail(connection.refusal());
  const auto before = relais::postgres::install_schema(*connection);
  if (!before) return fail(before.refusal());
  const int now = relais::postgres::schema_version();
  if (*before == now)
    fmt::print("schema relais: version {} is there already\n", now);
  else if (*before == 0)
    fmt::print("schema relais: version {} installed\n", now);
  else
    fmt::print("schema relais: upgraded from version {} to {}\n", *before, now);
  return 0;
}

/// What --check can tell only by asking the database.
int check_database(const Settings& settings) {
  const relais::postgres::PostgresConnector connector(settings, {});
  const auto faults = connector.faults();
  for (const auto& fault : faults) fmt::print(stderr, "database: {}\n", fault);
  return faults.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() == 1 && words[0] == "--print-schema") {
    fmt::print("{}", relais::postgres::schema_script());
    return 0;
  }
  if (words.size() == 2 && words[0] == "--install") return install(std::string(words[1]));

  Settings settings;
  const bool only_check = std::ranges::find(words, "--check") != words.end();
  relais::sdk::Program program;
  program.name = "relais-postgres";
  program.summary = kSummary;
  program.read_tables = [&](relais::base::TableReader& whole, const std::filesystem::path& folder) {
    relais::postgres::read_settings(whole, folder, settings);
  };
  program.make =
      [&](const relais::sdk::AdapterConfig& config) -> relais::base::Result<std::unique_ptr<relais::sdk::Connector>> {
    return std::unique_ptr<relais::sdk::Connector>(
        std::make_unique<relais::postgres::PostgresConnector>(std::move(settings), config));
  };
  const int code = relais::sdk::run_adapter(argc, argv, program);
  return only_check && code == 0 ? check_database(settings) : code;
}
