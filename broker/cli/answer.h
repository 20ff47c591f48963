// What a running broker answers, as reports and tables.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/report.h"

namespace relais::cli {

using Answer = nlohmann::json;

/// Null when it is absent.
Json cell(const Answer& object, const char* key);

/// The cells that the columns name.
std::vector<Json> row_of(const Answer& object, const std::vector<Column>& columns);

/// One row for each entry, with the cells that the table's columns name.
void add_rows(Table& table, const Answer& entries);

/// Asks the broker that runs on the data folder and shows its answer, or its refusal.
int ask(const std::filesystem::path& data, const std::string& path, const Parameters& parameters,
        const std::function<Report(const Answer&)>& show, const Console& console);

}  // namespace relais::cli
