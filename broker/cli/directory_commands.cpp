// relaisctl directory: takes directories that others publish into a network definition.
#include <filesystem>
#include <memory>

#include "broker/cli/console.h"
#include "broker/cli/directory_import.h"
#include "broker/cli/network_files.h"
#include "broker/core/network_check.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct DirectoryWanted {
  std::string format;
  std::vector<fs::path> files;
  fs::path network;
  fs::path institutions;
  int stale_months = 12;
  bool keep_gone = false;
  bool dry_run = false;
};

Table changes_table(std::string key, std::string title, const std::vector<Change>& changes, const std::string& detail) {
  Table table{
      std::move(key), std::move(title), {{"service", "SERVICE"}, {"institution", "INSTITUTION"}, {"name", "NAME"}}, {}};
  if (!detail.empty()) table.columns.push_back({detail, detail == "checked" ? "CHECKED" : "NOW"});
  for (const auto& change : changes) {
    table.rows.push_back({change.service, change.institution, change.name});
    if (!detail.empty()) table.rows.back().push_back(change.detail);
  }
  return table;
}

Table rejected_table(const Import& import) {
  Table table{"rejected",
              "Rejected",
              {{"file", "FILE"}, {"record", "RECORD", true}, {"id", "ID"}, {"field", "FIELD"}, {"why", "WHY"}},
              {}};
  for (const auto& fault : import.rejected)
    table.rows.push_back({fault.place.file, fault.place.number, fault.place.id, fault.field, fault.why});
  return table;
}

Table unmapped_table(const Import& import) {
  Table table{"other_structures",
              "Of structures that --institutions does not name",
              {{"structure", "STRUCTURE"}, {"siret", "SIRET"}, {"name", "NAME"}, {"services", "SERVICES", true}},
              {}};
  for (const auto& unmapped : import.unmapped)
    table.rows.push_back({unmapped.structure.id, unmapped.structure.siret, unmapped.structure.name, unmapped.services});
  return table;
}

/// What would be wrong with the network after the import: an id of it may stand in a file written by hand.
std::vector<base::FileViolation> faults_of(v1::NetworkDefinition network, const Offerings& before,
                                           const Offerings& after) {
  const auto drop = [](auto& list, const auto& elements) {
    for (int i = list.size() - 1; i >= 0; --i)
      if (elements.contains(list.Get(i).id())) list.DeleteSubrange(i, 1);
  };
  for (const auto& [institution, offering] : before) {
    drop(*network.mutable_services(), offering.services);
    drop(*network.mutable_locations(), offering.locations);
  }
  for (const auto& [institution, offering] : after) {
    for (const auto& [id, service] : offering.services) *network.add_services() = service;
    for (const auto& [id, location] : offering.locations) *network.add_locations() = location;
  }
  std::vector<base::FileViolation> faults;
  for (const auto& found : {core::check_network(network), core::check_places(network, core::Territory::france())})
    for (const auto& fault : found) faults.push_back({{"import", 0}, fault.path, fault.problem, fault.allowed});
  return faults;
}

int import(const DirectoryWanted& wanted, const Console& console) {
  const auto network = load_network(wanted.network);
  if (!network.violations.empty()) return console.violations(wanted.network.string(), network.violations);
  std::vector<base::FileViolation> faults;
  const auto known = read_known_structures(wanted.institutions, network.definition, faults);
  if (!faults.empty()) return console.violations({}, faults);
  const auto before = read_offerings(wanted.network, wanted.format, known.institutions, faults);
  if (!faults.empty()) return console.violations(wanted.network.string(), faults);
  const auto published =
      read_directory(wanted.format == "hsds" ? DirectoryFormat::hsds : DirectoryFormat::datainclusion, wanted.files);
  if (!published) return console.refuse(published.refusal());

  ImportRules rules;
  rules.stale_after = std::chrono::months(wanted.stale_months);
  rules.keep_gone = wanted.keep_gone;
  rules.now = base::SystemClock().now();
  const auto made = import_directory(*published, known, before, core::Territory::france(), rules);
  const auto collisions = faults_of(network.definition, before, made.offerings);
  if (!collisions.empty()) return console.violations({}, collisions);
  if (!wanted.dry_run) {
    const auto written = write_offerings(wanted.network, wanted.format, known.institutions, made.offerings);
    if (!written) return console.refuse(written.refusal());
  }
  return console.show(import_report(made, !wanted.dry_run));
}

}  // namespace

Report import_report(const Import& import, bool written) {
  std::size_t others = 0;
  for (const auto& unmapped : import.unmapped) others += unmapped.services;
  Report report;
  report.fact("written", "written", written).fact("new_count", "new", import.added.size());
  report.fact("changed_count", "changed", import.changed.size()).fact("unchanged_count", "unchanged", import.unchanged);
  report.fact("gone_count", "gone", import.gone.size()).fact("stale_count", "stale", import.stale.size());
  report.fact("rejected_count", "rejected", import.rejected.size());
  report.fact("other_count", "of other structures", others);
  const auto add = [&](Table table) {
    if (!table.rows.empty()) report.table(std::move(table));
  };
  add(changes_table("new", "New", import.added, {}));
  add(changes_table("changed", "Changed", import.changed, {}));
  add(changes_table("gone", "Gone", import.gone, "now"));
  add(changes_table("stale", "Stale", import.stale, "checked"));
  add(rejected_table(import));
  add(unmapped_table(import));
  return report;
}

void add_directory_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("directory", "take services that others publish into a network definition");
  group->require_subcommand(1);
  auto* const command = group->add_subcommand(
      "import", "write services and locations of published files into DIR, and report what changed");
  const auto wanted = std::make_shared<DirectoryWanted>();
  command->add_option("FILE", wanted->files, "published files that belong together")
      ->required()
      ->check(CLI::Validator(CLI::ExistingFile).description(""))
      ->type_name("");
  command->add_option("--format", wanted->format, "what they are")
      ->required()
      ->check(CLI::IsMember({"datainclusion", "hsds"}));
  command->add_option("--network", wanted->network, "directory of TOML files")
      ->required()
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""))
      ->type_name("DIR");
  command->add_option("--institutions", wanted->institutions, "which structures are which institutions: SIRET or ids")
      ->required()
      ->type_name("FILE");
  command->add_option("--stale-months", wanted->stale_months, "not confirmed for so long is reported as stale")
      ->check(CLI::Range(1, 1'200).description(""))
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--keep-gone", wanted->keep_gone, "keep services that the files do not hold any more");
  command->add_flag("--dry-run", wanted->dry_run, "report, and write nothing");
  command->callback([&action, wanted] { action = [wanted](const Console& c) { return import(*wanted, c); }; });
}

}  // namespace relais::cli
