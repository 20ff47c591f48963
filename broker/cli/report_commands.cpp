// relaisctl report: what went from one institution to another, to be compared with what each of them has.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "broker/base/ids.h"
#include "broker/cli/listing.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using base::RefusalCode;
using base::Result;

struct ReportWanted {
  fs::path data;
  std::string from;
  std::string to;
  Stretch stretch;
  fs::path compare;
  bool csv = false;
};

/// One delivery of one message.
struct Line {
  std::string message_id;
  std::string kind;
  bool exercise = false;
  std::string accepted_at;
  std::string state;
  Json at;
  Json attempts;
  std::string reason;
};

/// The ids one of the two has noted: one on each line. Every line that is none, at once.
Result<std::set<std::string>> ids_in(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return base::refuse(RefusalCode::io_failed, {}, {{"path", path.string()}});
  std::set<std::string> ids;
  std::string wrong;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (const auto id = base::id_bytes(line))
      ids.insert(base::id_text(*id));
    else
      wrong += (wrong.empty() ? "" : ", ") + std::to_string(number);
  }
  if (!wrong.empty())
    return base::refuse(RefusalCode::input_invalid, "--compare",
                        {{"why", path.string() + ": no message id on line " + wrong}});
  return ids;
}

Result<std::vector<Line>> lines_of(const BrokerClient& client, const ReportWanted& wanted) {
  const auto parameters = within(wanted.stretch, {{"limit", "500"}, {"institution", wanted.from}});
  if (!parameters) return parameters.refusal();
  std::vector<Line> lines;
  Answer next;
  do {
    auto asked = *parameters;
    if (!next.is_null()) asked.emplace_back("next", next.dump());
    const auto page = client.get("/api/v1/messages", asked);
    if (!page) return page.refusal();
    for (const auto& message : page->at("messages")) {
      if (message.value("sender", "") != wanted.from) continue;
      for (const auto& delivery : message.at("deliveries"))
        if (delivery.value("recipient", "") == wanted.to)
          lines.push_back({message.value("message_id", ""), message.value("kind", ""), message.value("exercise", false),
                           message.value("at", ""), delivery.value("state", ""), Json(delivery.value("at", Answer())),
                           Json(delivery.value("attempts", Answer())), delivery.value("reason", "")});
    }
    next = page->value("next", Answer());
  } while (!next.is_null());
  std::ranges::reverse(lines);  // the broker answers from the newest back
  return lines;
}

/// RFC 4180. A reason comes from an adapter: a spreadsheet must not take it for a formula.
std::string csv_cell(const Json& cell) {
  std::string text = cell.is_null() ? "" : cell.is_string() ? cell.get<std::string>() : cell.dump();
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_of(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) text += (i == 0 ? "" : ",") + table.columns[i].key;
  text += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + csv_cell(row[i]);
    text += "\r\n";
  }
  return text;
}

void compare(Report& report, const std::vector<Line>& lines, const std::set<std::string>& noted) {
  std::set<std::string> here;
  for (const auto& line : lines) here.insert(line.message_id);
  Table table{"differences", "Differences", {{"message_id", "message"}, {"only", "only"}}, {}};
  for (const auto& id : here)
    if (!noted.contains(id)) table.rows.push_back({id, "broker"});
  for (const auto& id : noted)
    if (!here.contains(id)) table.rows.push_back({id, "file"});
  report.fact("compared", "ids in the file", noted.size())
      .fact("differences_count", "differences", table.rows.size())
      .table(std::move(table));
}

int reconcile(const ReportWanted& wanted, const Console& console) {
  std::set<std::string> noted;
  if (!wanted.compare.empty()) {
    auto ids = ids_in(wanted.compare);
    if (!ids) return console.refuse(ids.refusal());
    noted = std::move(*ids);
  }
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto lines = lines_of(*client, wanted);
  if (!lines) return console.refuse(lines.refusal());

  Table messages{"messages",
                 "Messages",
                 {{"message_id", "message"},
                  {"kind", "kind"},
                  {"exercise", "exercise"},
                  {"accepted_at", "accepted"},
                  {"state", "state"},
                  {"at", "since"},
                  {"attempts", "attempts", true},
                  {"reason", "reason"}},
                 {}};
  std::map<std::pair<std::string, bool>, std::size_t> counted;
  for (const auto& line : *lines) {
    ++counted[{line.state, line.exercise}];
    messages.rows.push_back(
        {line.message_id, line.kind, line.exercise, line.accepted_at, line.state, line.at, line.attempts, line.reason});
  }
  if (wanted.csv) return console.print(csv_of(messages), true);
  Table counts{"counts", "Counts", {{"state", "state"}, {"exercise", "exercise"}, {"count", "count", true}}, {}};
  for (const auto& [key, count] : counted) counts.rows.push_back({key.first, key.second, count});
  Report report;
  report.fact("from", "from", wanted.from)
      .fact("to", "to", wanted.to)
      .fact("since", "since", wanted.stretch.since.empty() ? Json() : Json(wanted.stretch.since))
      .fact("until", "until", wanted.stretch.until.empty() ? Json() : Json(wanted.stretch.until))
      .fact("count", "messages", lines->size())
      .table(std::move(counts));
  if (!wanted.compare.empty()) compare(report, *lines, noted);
  return console.show(report.table(std::move(messages)));
}

}  // namespace

void add_report_commands(CLI::App& app, Action& action) {
  auto* const group = app.add_subcommand("report", "reports for institutions");
  group->require_subcommand(1);
  auto* const command = group->add_subcommand(
      "reconciliation", "what one institution sent to another and what became of it: counts and message ids");
  const auto wanted = std::make_shared<ReportWanted>();
  add_data_option(*command, wanted->data);
  command->add_option("--from", wanted->from, "sender")->required()->type_name("INSTITUTION");
  command->add_option("--to", wanted->to, "recipient")->required()->type_name("INSTITUTION");
  add_stretch_options(*command, wanted->stretch, "of acceptance by the broker");
  command->add_option("--compare", wanted->compare, "message ids that one of the two has noted, one on each line")
      ->type_name("FILE");
  command->add_flag("--csv", wanted->csv, "one line for each message, for a spreadsheet");
  command->callback([&action, wanted] { action = [=](const Console& c) { return reconcile(*wanted, c); }; });
}

}  // namespace relais::cli
