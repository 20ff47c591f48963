#include "tests/integration/postgres/postgres_network.h"

#include <fmt/format.h>

#include "relais_paths.h"

namespace relais::tests {

namespace {

constexpr std::string_view kDatabase = R"(
[database]
connection = "{}"
poll_interval = "1s"
take_over_after = "2s"
statement_timeout = "5s"
{}
)";

}  // namespace

std::unique_ptr<ChildProgram> PostgresNetwork::adapter(const std::string& institution, const std::string& conninfo,
                                                       const std::string& more, int transport_key) {
  const auto name = fmt::format("{}-{}", institution, ++adapters_);
  const auto settings = write(name + "/postgres.toml", adapter_settings(name, institution, {}, transport_key) +
                                                           fmt::format(kDatabase, conninfo, more));
  return std::make_unique<ChildProgram>(
      std::vector<std::string>{std::string(RELAIS_BIN) + "/relais-postgres", settings},
      folder() / name / "adapter.log");
}

}  // namespace relais::tests
