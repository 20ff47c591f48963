// relaisctl orphans, rights, retention: what somebody has to see to.
#include <memory>

#include "broker/cli/broker_client.h"
#include "broker/cli/console.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;
using Answer = nlohmann::json;

Json cell(const Answer& object, const char* key) { return Json(object.value(key, Answer())); }

/// Fills the table with what every page of `path` holds under the table's key.
base::Status fill(const BrokerClient& client, const std::string& path, Table& table) {
  std::string next;
  do {
    const auto page = client.get(path + (next.empty() ? "" : "&next=" + next));
    if (!page) return page.refusal();
    for (const auto& entry : page->value(table.key, Answer::array())) {
      std::vector<Json> row;
      for (const auto& column : table.columns) row.push_back(cell(entry, column.key.c_str()));
      table.rows.push_back(std::move(row));
    }
    const auto rest = page->value("next", Answer());
    next = rest.is_string() ? rest.get<std::string>() : std::string();
  } while (!next.empty());
  return base::Done{};
}

int list(const fs::path& data, const std::string& path, Table table, const Console& console) {
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  if (const auto filled = fill(*client, path, table); !filled) return console.refuse(filled.refusal());
  const auto count = table.rows.size();
  return console.show(Report().fact("count", "count", count).table(std::move(table)));
}

Table orphans_table() {
  return {"orphans",
          "Referrals that nobody moves",
          {{"referral_id", "referral"},
           {"status", "status"},
           {"holder", "holder"},
           {"deadline", "next deadline"},
           {"reminders", "reminders", true},
           {"opened_at", "opened"},
           {"sender", "sender"},
           {"recipient", "recipient"},
           {"exercise", "exercise"}},
          {}};
}

Table rights_table() {
  return {"requests",
          "Requests of persons that wait for an answer",
          {{"request_id", "request"},
           {"case_id", "case"},
           {"right", "right"},
           {"by", "asked by"},
           {"asked_at", "asked"},
           {"due", "next reminder"},
           {"answered", "answered", true},
           {"pending", "wait for"}},
          {}};
}

int retention(const fs::path& data, const Console& console) {
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  const auto answer = client->get("/api/v1/retention");
  if (!answer) return console.refuse(answer.refusal());
  Report report;
  const auto sum = [&](const std::string& key, const std::string& title) {
    const auto& counted = (*answer)[key];
    report.fact(key + "_messages", title + ": messages", cell(counted, "messages"));
    report.fact(key + "_bytes", title + ": bytes", cell(counted, "bytes"));
  };
  sum("kept", "kept after delivery");
  sum("within_day", "erased within a day");
  sum("within_week", "erased within a week");
  report.fact("complete", "all counted", cell(*answer, "complete"));
  Table next{"next_erasures",
             "Erased next",
             {{"message_id", "message"}, {"bytes", "bytes", true}, {"erased_at", "erased at"}},
             {}};
  for (const auto& kept : (*answer)["next_erasures"])
    next.rows.push_back({cell(kept, "message_id"), cell(kept, "bytes"), cell(kept, "erased_at")});
  return console.show(report.table(std::move(next)));
}

struct Wanted {
  fs::path data;
  std::string institution;
};

std::shared_ptr<Wanted> add(CLI::App& app, const char* name, const char* help, CLI::App*& command) {
  command = app.add_subcommand(name, help);
  auto wanted = std::make_shared<Wanted>();
  add_data_option(*command, wanted->data);
  return wanted;
}

}  // namespace

void add_follow_up_commands(CLI::App& app, Action& action) {
  CLI::App* command = nullptr;
  const auto of_orphans =
      add(app, "orphans", "list open referrals that nobody holds, or that nobody moved when their deadline passed",
          command);
  command->add_option("--institution", of_orphans->institution, "only those that it sent, got or holds")
      ->type_name("INSTITUTION");
  command->callback([&action, of_orphans] {
    action = [of_orphans](const Console& console) {
      return list(of_orphans->data, "/api/v1/orphans?limit=500&institution=" + of_orphans->institution, orphans_table(),
                  console);
    };
  });
  const auto of_rights = add(app, "rights", "list what persons asked and not every institution has answered", command);
  command->callback([&action, of_rights] {
    action = [of_rights](const Console& console) {
      return list(of_rights->data, "/api/v1/rights?limit=500", rights_table(), console);
    };
  });
  const auto of_retention =
      add(app, "retention", "show how much is kept after delivery, and what is erased next", command);
  command->callback([&action, of_retention] {
    action = [of_retention](const Console& console) { return retention(of_retention->data, console); };
  });
}

}  // namespace relais::cli
