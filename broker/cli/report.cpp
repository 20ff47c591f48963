#include "broker/cli/report.h"

#include <algorithm>

#include "broker/base/check.h"

namespace relais::cli {

namespace {

std::string cell_text(const Json& cell) {
  if (cell.is_string()) return cell.get<std::string>();
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_null()) return "-";
  if (!cell.is_array()) return cell.dump();
  std::string text;
  for (const auto& item : cell) text += (text.empty() ? "" : ", ") + cell_text(item);
  return text.empty() ? "-" : text;
}

/// Characters, not bytes: names have accents.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t columns, bool right) {
  const std::string fill(columns - std::min(columns, width(text)), ' ');
  return right ? fill + text : text + fill;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void print_table(std::ostream& out, const Table& table) {
  std::vector<std::vector<std::string>> lines(1);
  for (const auto& column : table.columns) lines.front().push_back(column.title);
  for (const auto& row : table.rows) {
    base::check(row.size() == table.columns.size(), "a row has a cell for each column");
    auto& line = lines.emplace_back();
    for (const auto& cell : row) line.push_back(cell_text(cell));
  }
  std::vector<std::size_t> widths(table.columns.size(), 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));

  if (!table.title.empty()) out << table.title << "\n";
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += (i == 0 ? "  " : "   ") + padded(line[i], widths[i], table.columns[i].right);
    out << without_trailing_blanks(std::move(text)) << "\n";
  }
}

}  // namespace

Report& Report::fact(std::string key, std::string title, Json value) {
  facts_.push_back({std::move(key), std::move(title), std::move(value)});
  return *this;
}

Report& Report::table(Table table) {
  tables_.push_back(std::move(table));
  return *this;
}

Report& Report::instead(std::string text) {
  instead_ = std::move(text);
  return *this;
}

void Report::print(std::ostream& out, bool json) const {
  if (json)
    out << as_json().dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  else if (!instead_.empty())
    out << instead_;
  else
    print_text(out);
}

Json Report::as_json() const {
  Json whole = Json::object();
  for (const auto& fact : facts_) whole[fact.key] = fact.value;
  for (const auto& table : tables_) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
      Json object = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i].key] = row[i];
      rows.push_back(std::move(object));
    }
    whole[table.key] = std::move(rows);
  }
  return whole;
}

void Report::print_text(std::ostream& out) const {
  std::size_t title_width = 0;
  for (const auto& fact : facts_) title_width = std::max(title_width, width(fact.title));
  for (const auto& fact : facts_)
    out << padded(fact.title, title_width, false) << "   " << cell_text(fact.value) << "\n";
  bool first = facts_.empty();
  for (const auto& table : tables_) {
    if (!first) out << "\n";
    first = false;
    print_table(out, table);
  }
}

}  // namespace relais::cli
