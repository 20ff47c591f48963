#include "broker/cli/directory_source.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <variant>

#include "adapters/mapping/csv_rows.h"
#include "adapters/mapping/encoding.h"

namespace relais::cli {

namespace {

using base::RefusalCode;

constexpr std::uintmax_t kFileBytesMax = 1U << 30U;

base::Refusal unreadable(const std::string& file, std::string why) {
  return base::refuse(RefusalCode::input_invalid, file, {{"why", std::move(why)}});
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

char separator_of(std::string_view text) {
  const auto header = text.substr(0, text.find_first_of("\r\n"));
  return std::ranges::count(header, ';') > std::ranges::count(header, ',') ? ';' : ',';
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    auto word = trimmed(text.substr(0, end));
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"') word = word.substr(1, word.size() - 2);
    if (!word.empty()) all.push_back(std::move(word));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

std::string scalar(const nlohmann::json& value) {
  if (value.is_string()) return trimmed(value.get_ref<const std::string&>());
  if (value.is_number_integer()) return value.dump();
  return {};
}

}  // namespace

base::Result<std::vector<Record>> table_rows(std::string_view text, const std::string& file) {
  mapping::CsvRows rows(text, separator_of(text), '"');
  mapping::CsvRow row;
  if (!rows.next(row) || row.broken) return unreadable(file, "has no header");
  const auto header = row.cells;
  std::vector<Record> records;
  while (rows.next(row)) {
    const auto where = "line " + std::to_string(row.line);
    if (row.broken) return unreadable(file, where + ": a quote in the wrong place, or never closed");
    if (row.cells.size() != header.size())
      return unreadable(file, where + ": has " + std::to_string(row.cells.size()) + " cells, the header " +
                                  std::to_string(header.size()));
    Record record = Record::object();
    for (std::size_t i = 0; i < header.size(); ++i) record[header[i]] = row.cells[i];
    records.push_back(std::move(record));
  }
  return records;
}

base::Result<SourceFile> read_source(const std::filesystem::path& path) {
  SourceFile source;
  source.name = path.filename().string();
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return base::refuse(RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", error.message()}});
  if (size > kFileBytesMax) return unreadable(source.name, "is larger than 1 GiB");
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) return base::refuse(RefusalCode::io_failed, {}, {{"path", path.string()}});
  const auto decoded = mapping::decode(bytes, "utf-8");
  if (const auto* const wrong = std::get_if<mapping::NotDecoded>(&decoded))
    return unreadable(source.name, "is not UTF-8 (line " + std::to_string(wrong->line) + ")");
  const auto& text = std::get<mapping::Decoded>(decoded).text;
  if (text.find('\0') != std::string::npos) return unreadable(source.name, "holds a null byte");
  source.is_table = path.extension() == ".csv";
  if (source.is_table) {
    auto rows = table_rows(text, source.name);
    if (!rows) return rows.refusal();
    source.rows = std::move(*rows);
    return source;
  }
  source.content = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (source.content.is_discarded()) return unreadable(source.name, "is no JSON");
  return source;
}

std::string text_of(const Record& record, std::string_view field) {
  const auto found = record.find(field);
  return found == record.end() ? std::string() : scalar(*found);
}

std::vector<std::string> texts_of(const Record& record, std::string_view field) {
  const auto found = record.find(field);
  if (found == record.end()) return {};
  auto list = *found;
  if (list.is_string()) {
    const auto text = trimmed(list.get_ref<const std::string&>());
    if (text.starts_with('{') && text.ends_with('}')) return words(std::string_view(text).substr(1, text.size() - 2));
    list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!list.is_array()) return words(text);
  }
  std::vector<std::string> all;
  if (list.is_array())
    for (const auto& item : list)
      if (auto value = scalar(item); !value.empty()) all.push_back(std::move(value));
  return all;
}

base::Result<Published> read_directory(DirectoryFormat format, const std::vector<std::filesystem::path>& files) {
  std::vector<SourceFile> sources;
  for (const auto& file : files) {
    auto source = read_source(file);
    if (!source) return source.refusal();
    sources.push_back(std::move(*source));
  }
  Published published;
  if (format == DirectoryFormat::hsds) {
    if (auto said = take_hsds(sources, published); !said) return said.refusal();
    return published;
  }
  for (const auto& source : sources)
    if (auto said = take_datainclusion(source, published); !said) return said.refusal();
  return published;
}

}  // namespace relais::cli
