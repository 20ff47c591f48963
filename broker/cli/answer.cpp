#include "broker/cli/answer.h"

namespace relais::cli {

Json cell(const Answer& object, const char* key) { return Json(object.value(key, Answer())); }

std::vector<Json> row_of(const Answer& object, const std::vector<Column>& columns) {
  std::vector<Json> row;
  for (const auto& column : columns) row.push_back(cell(object, column.key.c_str()));
  return row;
}

void add_rows(Table& table, const Answer& entries) {
  for (const auto& entry : entries) table.rows.push_back(row_of(entry, table.columns));
}

int ask(const std::filesystem::path& data, const std::string& path, const Parameters& parameters,
        const std::function<Report(const Answer&)>& show, const Console& console) {
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  const auto answer = client->get(path, parameters);
  if (!answer) return console.refuse(answer.refusal());
  return console.show(show(*answer));
}

}  // namespace relais::cli
