// relaisctl backup, restore, purge: copies of a broker's store, made while it runs and put back while it does not; and
// files without what was erased.
#include <memory>

#include "broker/base/ids.h"
#include "broker/base/time_text.h"
#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/options.h"
#include "broker/journal/backup.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kCopyMost{12};

struct BackupWanted {
  fs::path data;
  fs::path folder;
  std::uint32_t number = 0;
  Signature signature;
};

Report report_of(const journal::VerifiedBackup& verified) {
  const auto& backup = verified.backup;
  return Report()
      .fact("backup", "backup", backup.number)
      .fact("made_at", "made", base::date_time_text(backup.made))
      .fact("bytes", "bytes", backup.bytes)
      .fact("files", "files", backup.files)
      .fact("verified", "verified", true)
      .fact("records", "records", verified.end.position)
      .fact("chain_hash", "chain hash", base::hex(base::view(verified.end.hash)));
}

/// The broker copies; the copy is read again here, in this process's time and not the broker's.
int create(const BackupWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto folder = fs::absolute(wanted.folder).lexically_normal();
  const auto made = client->post(
      "/api/v1/backups",
      {{"operator", wanted.signature.name}, {"reason", wanted.signature.reason}, {"folder", folder.string()}},
      kCopyMost);
  if (!made) return console.refuse(made.refusal());
  const auto verified = journal::verify_backup(folder, made->value("number", 0u));
  if (!verified) return console.refuse(verified.refusal());
  return console.show(report_of(*verified));
}

int list(const BackupWanted& wanted, const Console& console) {
  const auto backups = journal::list_backups(wanted.folder);
  if (!backups) return console.refuse(backups.refusal());
  Table table{"backups",
              "Backups",
              {{"backup", "backup", true},
               {"made_at", "made"},
               {"bytes", "bytes", true},
               {"files", "files", true},
               {"records", "records", true},
               {"damaged", "damaged"}},
              {}};
  for (const auto& backup : backups->whole)
    table.rows.push_back({backup.number, base::date_time_text(backup.made), backup.bytes, backup.files,
                          backup.mark.end.position, false});
  for (const auto number : backups->damaged) table.rows.push_back({number, Json(), Json(), Json(), Json(), true});
  return console.show(Report().table(std::move(table)));
}

int verify(const BackupWanted& wanted, const Console& console) {
  const auto verified = journal::verify_backup(wanted.folder, wanted.number);
  if (!verified) return console.refuse(verified.refusal());
  return console.show(report_of(*verified));
}

int restore(const BackupWanted& wanted, const Console& console) {
  const auto restored = journal::restore_backup(wanted.folder, wanted.number, wanted.data / "store");
  if (!restored) return console.refuse(restored.refusal());
  return console.show(report_of(*restored).fact("restored", "restored to", (wanted.data / "store").string()));
}

int purge(const BackupWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto purged = client->post(
      "/api/v1/contents/purge", {{"operator", wanted.signature.name}, {"reason", wanted.signature.reason}}, kCopyMost);
  if (!purged) return console.refuse(purged.refusal());
  return console.show(Report().fact("purged", "gone from the files", true));
}

void add_from(CLI::App& command, BackupWanted& wanted) {
  command.add_option("--from", wanted.folder, "folder of backups")->required()->type_name("DIR");
}

void add_number(CLI::App& command, BackupWanted& wanted) {
  command.add_option("--backup", wanted.number, "which one; the latest when absent")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
}

}  // namespace

void add_backup_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("backup", "copy the store of a running broker, list and verify the copies");
  group->require_subcommand(1);
  const auto wanted = std::make_shared<BackupWanted>();
  const auto run = [&action, wanted](CLI::App& command, int (*what)(const BackupWanted&, const Console&)) {
    command.callback([&action, wanted, what] { action = [=](const Console& c) { return what(*wanted, c); }; });
  };

  auto* const created = group->add_subcommand("create", "make one more, of what changed since the last, and verify it");
  add_data_option(*created, wanted->data);
  created->add_option("--to", wanted->folder, "folder of backups; made when it is not there")
      ->required()
      ->type_name("DIR");
  add_signature_options(*created, wanted->signature);
  run(*created, create);

  auto* const listed = group->add_subcommand("list", "list those of a folder");
  add_from(*listed, *wanted);
  run(*listed, list);

  auto* const verified = group->add_subcommand("verify", "read one again: every file, every record of the chain");
  add_from(*verified, *wanted);
  add_number(*verified, *wanted);
  run(*verified, verify);

  auto* const restored =
      app.add_subcommand("restore", "make the store of a broker out of a backup; the broker is not running");
  add_from(*restored, *wanted);
  add_number(*restored, *wanted);
  add_data_option(*restored, wanted->data);
  run(*restored, restore);

  auto* const purged = app.add_subcommand("purge",
                                          "rewrite the files of a running broker without the contents erased so far; "
                                          "it does so by itself within a day");
  add_data_option(*purged, wanted->data);
  add_signature_options(*purged, wanted->signature);
  run(*purged, purge);
}

}  // namespace relais::cli
