// relaisctl: one tool for whoever runs a network.
#include <exception>
#include <iostream>

#include "broker/base/crypto.h"
#include "broker/cli/account_commands.h"
#include "broker/cli/console.h"

namespace {

int run(int argc, char** argv) {
  using namespace relais;
  base::crypto_init();
  CLI::App app("Keys, network definition, and what a broker of Relais is doing.", "relaisctl");
  app.set_version_flag("--version", "relaisctl " RELAIS_VERSION);
  app.fallthrough();
  app.require_subcommand(1);
  bool json = false;
  app.add_flag("--json", json, "answer in JSON, for scripts");
  app.footer("Exit code: 0 done, 1 refused or faults found, 2 wrong usage.");

  cli::Action action;
  cli::add_keys_commands(app, action);
  cli::add_network_commands(app, action);
  cli::add_status_commands(app, action);
  cli::add_overview_commands(app, action);
  cli::add_search_commands(app, action);
  cli::add_dead_letter_commands(app, action);
  cli::add_follow_up_commands(app, action);
  cli::add_self_test_commands(app, action);
  cli::add_pause_commands(app, action);
  cli::add_drain_commands(app, action);
  cli::add_journal_commands(app, action);
  cli::add_backup_commands(app, action);
  cli::add_audit_commands(app, action);
  cli::add_report_commands(app, action);
  cli::add_support_commands(app, action);
  cli::add_account_commands(app, action);
  cli::add_mapping_commands(app, action);
  cli::add_route_commands(app, action);
  cli::add_directory_commands(app, action);
  cli::add_statistics_commands(app, action);
  cli::add_adapter_commands(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? cli::kDone : cli::kUsage;
  }
  return action(cli::Console(std::cout, std::cerr, json));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "relaisctl: " << failure.what() << "\n";
    return relais::cli::kRefused;
  }
}
