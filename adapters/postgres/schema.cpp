#include "adapters/postgres/schema.h"

#include <charconv>

#include <fmt/format.h>

#include "adapters/postgres/schema_scripts.h"

namespace relais::postgres {

namespace {

using base::RefusalCode;
using base::refuse;

constexpr std::string_view kMeta =
    "CREATE SCHEMA IF NOT EXISTS relais;\n"
    "CREATE TABLE IF NOT EXISTS relais.meta (\n"
    "  one boolean PRIMARY KEY DEFAULT true CHECK (one),\n"
    "  version integer NOT NULL,\n"
    "  changed_at timestamptz NOT NULL DEFAULT now()\n"
    ");\n";

// Any number will do, as long as every installer takes the same.
constexpr std::string_view kInstallLock = "SELECT pg_advisory_xact_lock(1380270157, 1)";

std::string set_version(int version) {
  return fmt::format(
      "INSERT INTO relais.meta (version) VALUES ({})\n"
      "ON CONFLICT (one) DO UPDATE SET version = excluded.version, changed_at = now();\n",
      version);
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// 0 when there is no schema.
base::Result<int> version_of(Connection& connection) {
  const auto table = connection.run("SELECT to_regclass('relais.meta') IS NOT NULL");
  if (!table) return table.refusal();
  if (table->text(0, 0) != "t") return 0;
  const auto rows = connection.run("SELECT version FROM relais.meta");
  if (!rows) return rows.refusal();
  return rows->empty() ? 0 : number(rows->text(0, 0));
}

base::Refusal wrong_version(int found, std::string_view what_to_do) {
  return refuse(RefusalCode::config_invalid, "database",
                {{"why", fmt::format("the schema relais has version {}, this program works with {}: {}", found,
                                     schema_version(), what_to_do)}});
}

base::Result<int> upgrade(Connection& connection) {
  if (auto said = connection.run(std::string(kInstallLock)); !said) return said.refusal();
  if (auto said = connection.run_script(std::string(kMeta)); !said) return said.refusal();
  const auto found = version_of(connection);
  if (!found) return found;
  if (*found > schema_version()) return wrong_version(*found, "use the newer program");
  for (int next = *found; next < schema_version(); ++next) {
    const auto script = schema_scripts()[static_cast<std::size_t>(next)];
    if (auto said = connection.run_script(std::string(script)); !said) return said.refusal();
  }
  if (*found < schema_version())
    if (auto said = connection.run_script(set_version(schema_version())); !said) return said.refusal();
  return found;
}

}  // namespace

int schema_version() { return static_cast<int>(schema_scripts().size()); }

std::string schema_script() {
  std::string script = "BEGIN;\n" + std::string(kMeta);
  for (const auto part : schema_scripts()) script += fmt::format("\n{}", part);
  return script + "\n" + set_version(schema_version()) + "COMMIT;\n";
}

base::Result<int> install_schema(Connection& connection) {
  const auto before = version_of(connection);
  if (!before || *before == schema_version()) return before;  // also for a role that may not create anything
  if (auto said = connection.run("BEGIN"); !said) return said.refusal();
  const auto found = upgrade(connection);
  const auto ended = connection.run(found ? "COMMIT" : "ROLLBACK");
  if (!found) return found;
  if (!ended) return ended.refusal();
  return found;
}

base::Status check_schema(Connection& connection) {
  const auto found = version_of(connection);
  if (!found) return found.refusal();
  if (*found == schema_version()) return base::Done{};
  if (*found > schema_version()) return wrong_version(*found, "use the newer program");
  return wrong_version(*found, "let the owner of the database run relais-postgres --install");
}

}  // namespace relais::postgres
