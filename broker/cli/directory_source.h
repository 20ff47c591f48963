// The two shapes of a published directory, JSON and tables, as lists of records with named fields.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/base/result.h"
#include "broker/cli/directory_records.h"

namespace relais::cli {

using Record = nlohmann::json;  // an object; of a table, its columns as texts

struct SourceFile {
  std::string name;          // without its folder
  nlohmann::json content;    // of JSON
  std::vector<Record> rows;  // of a table
  bool is_table = false;
};

/// By its name's ending: .csv, else JSON. input.invalid, io.failed, naming file and line.
base::Result<SourceFile> read_source(const std::filesystem::path& path);

/// The rows of a CSV text. A row with more or fewer cells than the header is a refusal: nothing in it can be trusted.
base::Result<std::vector<Record>> table_rows(std::string_view text, const std::string& file);

/// Each adds what the files hold to `published`. input.invalid when a file is no such directory at all.
base::Status take_datainclusion(const SourceFile& source, Published& published);
base::Status take_hsds(const std::vector<SourceFile>& sources, Published& published);

/// The text of a field, without blanks around it; empty when it is absent, null, or no text. Numbers are texts.
std::string text_of(const Record& record, std::string_view field);

/// A list of texts; in a table, a list written as JSON, as {a,b}, or with commas.
std::vector<std::string> texts_of(const Record& record, std::string_view field);

}  // namespace relais::cli
