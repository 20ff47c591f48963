// Lists of the running broker's operators' API as tables: what narrows them, page after page, up to a length.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/cli/answer.h"

namespace relais::cli {

/// A stretch of days, or of instants.
struct Stretch {
  std::string since;
  std::string until;
};
void add_stretch_options(CLI::App& command, Stretch& stretch, const std::string& of_what);
/// With "from" and "until", where given. input.invalid (--since, --until).
base::Result<Parameters> within(const Stretch& stretch, Parameters parameters);

/// What one asks for, and how much of it at most.
struct Asked {
  std::string path;
  Parameters parameters;
  Stretch stretch;
  std::size_t most = 0;
};
void add_most_option(CLI::App& command, std::size_t& most);

using RowOf = std::function<std::vector<Json>(const Answer& entry)>;

/// Fills the table with what the pages hold under its key; without `row_of`, with the cells that its columns name.
/// Answers whether the broker has more.
base::Result<bool> fill(const BrokerClient& client, const Asked& asked, Table& table, const RowOf& row_of = {});

}  // namespace relais::cli
