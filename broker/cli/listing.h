// Lists of the running broker's operators' API as tables: what narrows them, page after page, up to a length.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "broker/cli/broker_client.h"
#include "broker/cli/report.h"

namespace relais::cli {

/// Null when it is absent.
Json cell(const nlohmann::json& object, const char* key);

/// The cells that the columns name.
std::vector<Json> row_of(const nlohmann::json& object, const std::vector<Column>& columns);

/// `path` with those parameters that are not empty, each encoded.
std::string with_query(const std::string& path, const std::vector<std::pair<std::string, std::string>>& parameters);

/// "2026-01-31" in Paris, its first instant, or the first after it when it is the last day of a period; or an instant
/// in UTC, which the broker reads. Empty stays so. input.invalid (field).
base::Result<std::string> instant_of(const std::string& text, const char* field, bool last_day);

/// A stretch of days, or of instants.
struct Stretch {
  std::string since;
  std::string until;
};
void add_stretch_options(CLI::App& command, Stretch& stretch, const std::string& of_what);

/// What one asks for, and how much of it at most.
struct Asked {
  std::string path;
  std::vector<std::pair<std::string, std::string>> parameters;
  Stretch stretch;
  std::size_t most = 0;
};
void add_most_option(CLI::App& command, std::size_t& most);

using RowOf = std::function<std::vector<Json>(const nlohmann::json& entry)>;

/// Fills the table with what the pages hold under its key; without `row_of`, with the cells that its columns name.
/// Answers whether the broker has more.
base::Result<bool> fill(const BrokerClient& client, const Asked& asked, Table& table, const RowOf& row_of = {});

}  // namespace relais::cli
