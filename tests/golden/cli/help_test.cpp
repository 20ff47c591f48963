// Every --help, found by walking the commands, so that a new one is recorded too.
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "relais_paths.h"
#include "tests/support/golden.h"
#include "tests/support/run_program.h"

namespace relais::cli {
namespace {

std::vector<std::string> subcommands(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Subcommands:")
      inside = true;
    else if (inside && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    else if (line.empty())
      inside = false;
  }
  return names;
}

void collect(const std::string& command, std::string& text) {
  const auto run = tests::run_program(RELAIS_BIN "/relaisctl" + command + " --help 2>&1");
  EXPECT_EQ(run.exit_code, 0) << command;
  text += "$ relaisctl" + command + " --help\n" + run.output + "\n";
  for (const auto& name : subcommands(run.output)) collect(command + " " + name, text);
}

TEST(Relaisctl, explains_every_command_as_recorded) {
  std::string text;
  collect("", text);
  EXPECT_NE(text.find("relaisctl network sign --help"), std::string::npos);
  tests::expect_golden("relaisctl-help.txt", text);
}

TEST(Adapters, explain_themselves_as_recorded) {
  std::string text;
  for (const std::string name : {"calendar", "files", "http", "postgres", "rdvsp", "sftp"}) {
    const auto run = tests::run_program(RELAIS_BIN "/relais-" + name + " --help 2>&1");
    EXPECT_EQ(run.exit_code, 0) << name;
    text += "$ relais-" + name + " --help\n" + run.output + "\n";
  }
  tests::expect_golden("adapters-help.txt", text);
}

}  // namespace
}  // namespace relais::cli
