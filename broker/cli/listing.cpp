#include "broker/cli/listing.h"

#include <algorithm>

#include "broker/cli/times.h"

namespace relais::cli {

namespace {

constexpr std::size_t kPageMost = 500;  // the broker answers no more at a time

}  // namespace

void add_stretch_options(CLI::App& command, Stretch& stretch, const std::string& of_what) {
  command.add_option("--since", stretch.since, "first day, or instant in UTC; " + of_what)->type_name("DATE");
  command.add_option("--until", stretch.until, "last day, or instant in UTC that no longer counts")->type_name("DATE");
}

base::Result<Parameters> within(const Stretch& stretch, Parameters parameters) {
  const auto since = first_instant(stretch.since, "--since");
  if (!since) return since.refusal();
  const auto until = last_instant(stretch.until, "--until");
  if (!until) return until.refusal();
  parameters.emplace_back("from", *since);
  parameters.emplace_back("until", *until);
  return parameters;
}

void add_most_option(CLI::App& command, std::size_t& most) {
  most = 50;
  command.add_option("--most", most, "at most so many")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

base::Result<bool> fill(const BrokerClient& client, const Asked& asked, Table& table, const RowOf& row_of_entry) {
  const auto parameters = within(asked.stretch, asked.parameters);
  if (!parameters) return parameters.refusal();
  std::string next;
  while (table.rows.size() < asked.most) {
    auto page_parameters = *parameters;
    page_parameters.emplace_back("limit", std::to_string(std::min(kPageMost, asked.most - table.rows.size())));
    page_parameters.emplace_back("next", next);
    const auto page = client.get(asked.path, page_parameters);
    if (!page) return page.refusal();
    for (const auto& entry : page->value(table.key, Answer::array()))
      table.rows.push_back(row_of_entry ? row_of_entry(entry) : row_of(entry, table.columns));
    const auto rest = page->value("next", Answer());
    if (rest.is_null()) return false;
    next = rest.is_string() ? rest.get<std::string>() : rest.dump();
  }
  return true;
}

}  // namespace relais::cli
