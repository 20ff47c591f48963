// One run of relaisctl: what the command line asked for, and how it ends.
#pragma once

#include <functional>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/base/refusal.h"
#include "broker/base/toml_reader.h"
#include "broker/cli/report.h"

namespace relais::cli {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;
inline constexpr int kUsage = 2;

/// Every answer goes to `out`; for people, refusals go to `err`. Each function answers the exit code.
class Console {
 public:
  Console(std::ostream& out, std::ostream& err, bool json) : out_(out), err_(err), json_(json) {}

  int show(const Report& report) const;
  int refuse(const base::Refusal& refusal) const;

  /// A report made elsewhere, text or JSON as json() says. kRefused unless `good`.
  int print(const std::string& report, bool good) const;
  [[nodiscard]] bool json() const { return json_; }

  /// `where` stands before the file names, so that they can be opened from here.
  int violations(const std::string& where, const std::vector<base::FileViolation>& violations) const;

 private:
  std::ostream& out_;
  std::ostream& err_;
  bool json_;
};

/// What was asked for; set by the subcommand that was parsed, run once parsing succeeded.
using Action = std::function<int(const Console&)>;

/// The command groups. Each adds its subcommands to `app`; their callbacks set `action`, which outlives the parsing.
void add_keys_commands(CLI::App& app, Action& action);
void add_network_commands(CLI::App& app, Action& action);
void add_status_commands(CLI::App& app, Action& action);
void add_dead_letter_commands(CLI::App& app, Action& action);
/// Into the group `dead`.
void add_dead_many_commands(CLI::App& dead, Action& action);
void add_overview_commands(CLI::App& app, Action& action);
void add_search_commands(CLI::App& app, Action& action);
void add_follow_up_commands(CLI::App& app, Action& action);
void add_self_test_commands(CLI::App& app, Action& action);
void add_pause_commands(CLI::App& app, Action& action);
void add_drain_commands(CLI::App& app, Action& action);
void add_journal_commands(CLI::App& app, Action& action);
void add_backup_commands(CLI::App& app, Action& action);
void add_audit_commands(CLI::App& app, Action& action);
/// Into the group `audit`.
void add_acts_commands(CLI::App& audit, Action& action);
void add_report_commands(CLI::App& app, Action& action);
void add_support_commands(CLI::App& app, Action& action);
void add_mapping_commands(CLI::App& app, Action& action);
void add_route_commands(CLI::App& app, Action& action);
void add_directory_commands(CLI::App& app, Action& action);
void add_statistics_commands(CLI::App& app, Action& action);
void add_adapter_commands(CLI::App& app, Action& action);

}  // namespace relais::cli
