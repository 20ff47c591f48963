#include "broker/cli/listing.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "broker/base/time_text.h"

namespace relais::cli {

namespace {

constexpr std::size_t kPageMost = 500;  // the broker answers no more at a time

std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace

Json cell(const nlohmann::json& object, const char* key) { return Json(object.value(key, nlohmann::json())); }

std::vector<Json> row_of(const nlohmann::json& object, const std::vector<Column>& columns) {
  std::vector<Json> row;
  for (const auto& column : columns) row.push_back(cell(object, column.key.c_str()));
  return row;
}

std::string with_query(const std::string& path, const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string whole = path;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    whole += whole.size() == path.size() ? '?' : '&';
    whole += name + "=" + encoded(value);
  }
  return whole;
}

base::Result<std::string> instant_of(const std::string& text, const char* field, bool last_day) {
  if (text.empty() || text.size() > 10) return text;
  int year = 0;
  unsigned month = 0, day = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest) == 3 && text.size() == 10) {
    using namespace std::chrono;
    const year_month_day first{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (first.ok()) {
      const year_month_day date{last_day ? sys_days(first) + days(1) : sys_days(first)};
      const auto at = base::paris_time(int(date.year()), unsigned(date.month()), unsigned(date.day()), seconds(0));
      if (at) return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", time_point_cast<seconds>(*at));
    }
  }
  return base::refuse(base::RefusalCode::input_invalid, field,
                      {{"why", "a day such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z"}});
}

void add_stretch_options(CLI::App& command, Stretch& stretch, const std::string& of_what) {
  command.add_option("--since", stretch.since, "first day, or instant in UTC; " + of_what)->type_name("DATE");
  command.add_option("--until", stretch.until, "last day, or instant in UTC that no longer counts")->type_name("DATE");
}

void add_most_option(CLI::App& command, std::size_t& most) {
  most = 50;
  command.add_option("--most", most, "at most so many")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

base::Result<bool> fill(const BrokerClient& client, const Asked& asked, Table& table, const RowOf& row_of_entry) {
  const auto since = instant_of(asked.stretch.since, "--since", false);
  if (!since) return since.refusal();
  const auto until = instant_of(asked.stretch.until, "--until", true);
  if (!until) return until.refusal();
  auto parameters = asked.parameters;
  parameters.emplace_back("from", *since);
  parameters.emplace_back("until", *until);
  std::string next;
  while (table.rows.size() < asked.most) {
    auto page_parameters = parameters;
    page_parameters.emplace_back("limit", std::to_string(std::min(kPageMost, asked.most - table.rows.size())));
    page_parameters.emplace_back("next", next);
    const auto page = client.get(with_query(asked.path, page_parameters));
    if (!page) return page.refusal();
    for (const auto& entry : page->value(table.key, nlohmann::json::array()))
      table.rows.push_back(row_of_entry ? row_of_entry(entry) : row_of(entry, table.columns));
    const auto rest = page->value("next", nlohmann::json());
    if (rest.is_null()) return false;
    next = rest.is_string() ? rest.get<std::string>() : rest.dump();
  }
  return true;
}

}  // namespace relais::cli
