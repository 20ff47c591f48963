// relaisctl orphans, rights, retention: what somebody has to see to.
#include <limits>
#include <memory>

#include "broker/cli/listing.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

/// All there are.
int list(const fs::path& data, const std::string& path, const Parameters& parameters, Table table,
         const Console& console) {
  Asked asked;
  asked.path = path;
  asked.parameters = parameters;
  asked.most = std::numeric_limits<std::size_t>::max();
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  if (const auto filled = fill(*client, asked, table); !filled) return console.refuse(filled.refusal());
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

Report show_retention(const Answer& answer) {
  Report report;
  const auto sum = [&](const std::string& key, const std::string& title) {
    const auto& counted = answer[key];
    report.fact(key + "_messages", title + ": messages", cell(counted, "messages"));
    report.fact(key + "_bytes", title + ": bytes", cell(counted, "bytes"));
  };
  sum("kept", "kept after delivery");
  sum("within_day", "erased within a day");
  sum("within_week", "erased within a week");
  report.fact("complete", "all counted", cell(answer, "complete"));
  Table next{"next_erasures",
             "Erased next",
             {{"message_id", "message"}, {"bytes", "bytes", true}, {"erased_at", "erased at"}},
             {}};
  add_rows(next, answer["next_erasures"]);
  return report.table(std::move(next));
}

struct FollowUpWanted {
  fs::path data;
  std::string institution;
};

std::shared_ptr<FollowUpWanted> add(CLI::App& app, const char* name, const char* help, CLI::App*& command) {
  command = app.add_subcommand(name, help);
  auto wanted = std::make_shared<FollowUpWanted>();
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
      return list(of_orphans->data, "/api/v1/orphans", {{"institution", of_orphans->institution}}, orphans_table(),
                  console);
    };
  });
  const auto of_rights = add(app, "rights", "list what persons asked and not every institution has answered", command);
  command->callback([&action, of_rights] {
    action = [of_rights](const Console& console) {
      return list(of_rights->data, "/api/v1/rights", {}, rights_table(), console);
    };
  });
  const auto of_retention =
      add(app, "retention", "show how much is kept after delivery, and what is erased next", command);
  command->callback([&action, of_retention] {
    action = [of_retention](const Console& console) {
      return ask(of_retention->data, "/api/v1/retention", {}, show_retention, console);
    };
  });
}

}  // namespace relais::cli
