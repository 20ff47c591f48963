// relaisctl messages, referrals, delivery-log, find: what one looks for in a running broker.
#include <memory>

#include "broker/cli/listing.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct SearchWanted {
  fs::path data;
  Asked asked;
  std::string institution;
  std::string kind;
  std::string state;
  std::string referral;
  std::string the_case;
  std::string status;
  std::string agreement;
  std::string id;
};

int list(const fs::path& data, const Asked& asked, Table table, const RowOf& row, const Console& console) {
  const auto client = BrokerClient::of(data);
  if (!client) return console.refuse(client.refusal());
  const auto more = fill(*client, asked, table, row);
  if (!more) return console.refuse(more.refusal());
  const auto count = table.rows.size();
  return console.show(
      Report().fact("count", "count", count).fact("more", "there are more", *more).table(std::move(table)));
}

/// "caf-25: delivered", one for each recipient.
Json deliveries_of(const Answer& message) {
  Json list = Json::array();
  for (const auto& delivery : message.value("deliveries", Answer::array())) {
    const auto reason = delivery.value("reason", "");
    list.push_back(delivery.value("recipient", "") + ": " + delivery.value("state", "") +
                   (reason.empty() ? "" : " (" + reason + ")"));
  }
  return list;
}

std::vector<Column> message_columns() {
  return {{"at", "accepted"},       {"message_id", "message"},    {"kind", "kind"},
          {"sender", "sender"},     {"purpose", "purpose"},       {"agreement", "agreement"},
          {"exercise", "exercise"}, {"deliveries", "deliveries"}, {"referral_id", "referral"},
          {"case_id", "case"}};
}

std::vector<Json> message_row(const Answer& message, const std::vector<Column>& columns) {
  auto row = row_of(message, columns);
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].key == "deliveries") row[i] = deliveries_of(message);
  return row;
}

int messages(const SearchWanted& wanted, const Console& console) {
  auto asked = wanted.asked;
  asked.path = "/api/v1/messages";
  asked.parameters = {{"institution", wanted.institution}, {"kind", wanted.kind},     {"state", wanted.state},
                      {"referral", wanted.referral},       {"case", wanted.the_case}, {"agreement", wanted.agreement}};
  const auto columns = message_columns();
  return list(
      wanted.data, asked, {"messages", "Messages", columns, {}},
      [&](const Answer& message) { return message_row(message, columns); }, console);
}

int delivery_log(const SearchWanted& wanted, const Console& console) {
  auto asked = wanted.asked;
  asked.path = "/api/v1/delivery-log";
  asked.parameters = {{"institution", wanted.institution}, {"kind", wanted.kind}, {"state", wanted.state}};
  auto columns = message_columns();
  columns.insert(columns.begin() + 1, {"direction", "direction"});
  return list(
      wanted.data, asked, {"entries", "Delivery log", columns, {}},
      [&](const Answer& entry) { return message_row(entry, columns); }, console);
}

int referrals(const SearchWanted& wanted, const Console& console) {
  auto asked = wanted.asked;
  asked.path = "/api/v1/referrals";
  asked.parameters = {{"institution", wanted.institution}, {"status", wanted.status}, {"agreement", wanted.agreement}};
  return list(wanted.data, asked,
              {"referrals",
               "Open referrals, the nearest deadline first",
               {{"referral_id", "referral"},
                {"status", "status"},
                {"holder", "holder"},
                {"deadline", "next deadline"},
                {"opened_at", "opened"},
                {"sender", "sender"},
                {"recipient", "recipient"},
                {"purpose", "purpose"},
                {"agreement", "agreement"},
                {"exercise", "exercise"}},
               {}},
              {}, console);
}

int find(const SearchWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto known = client->get("/api/v1/ids/" + wanted.id);
  if (!known) return console.refuse(known.refusal());
  return console.show(Report()
                          .fact("id", "id", cell(*known, "id"))
                          .fact("message", "of a message", cell(*known, "message"))
                          .fact("referral", "of a referral", cell(*known, "referral"))
                          .fact("case", "of a case", cell(*known, "case"))
                          .fact("appointment_of", "of an appointment of the referral", cell(*known, "appointment_of")));
}

CLI::App* add(CLI::App& app, Action& action, const char* name, const char* help,
              const std::shared_ptr<SearchWanted>& wanted, int (*what)(const SearchWanted&, const Console&)) {
  auto* const command = app.add_subcommand(name, help);
  add_data_option(*command, wanted->data);
  command->callback([&action, wanted, what] { action = [=](const Console& c) { return what(*wanted, c); }; });
  return command;
}

void add_message_filters(CLI::App& command, SearchWanted& wanted) {
  command.add_option("--kind", wanted.kind, "of message, as in referral_requested")->type_name("KIND");
  command.add_option("--state", wanted.state, "of a delivery: queued, parked, delivered, dead, discarded")
      ->type_name("STATE");
  add_stretch_options(command, wanted.asked.stretch, "of acceptance by the broker");
  add_most_option(command, wanted.asked.most);
}

}  // namespace

void add_search_commands(CLI::App& app, Action& action) {
  const auto of_messages = std::make_shared<SearchWanted>();
  auto* command = add(app, action, "messages", "list messages, the newest first; those of a referral from its first on",
                      of_messages, messages);
  command->add_option("--institution", of_messages->institution, "sender or recipient")->type_name("INSTITUTION");
  command->add_option("--referral", of_messages->referral, "only those of this referral")->type_name("ID");
  command->add_option("--case", of_messages->the_case, "only those of this case")->type_name("ID");
  command->add_option("--agreement", of_messages->agreement, "that the broker accepted them under")
      ->type_name("AGREEMENT");
  add_message_filters(*command, *of_messages);

  const auto of_referrals = std::make_shared<SearchWanted>();
  command = add(app, action, "referrals", "list open referrals, the nearest deadline first", of_referrals, referrals);
  command->add_option("--institution", of_referrals->institution, "only those that it sent, got or holds")
      ->type_name("INSTITUTION");
  command->add_option("--status", of_referrals->status, "as in accepted")->type_name("STATUS");
  command->add_option("--agreement", of_referrals->agreement, "its id in the network definition")
      ->type_name("AGREEMENT");
  add_most_option(*command, of_referrals->asked.most);

  const auto of_log = std::make_shared<SearchWanted>();
  command = add(app, action, "delivery-log",
                "show what became of an institution's messages, as its partner account sees it", of_log, delivery_log);
  command->add_option("INSTITUTION", of_log->institution, "whose messages, sent and received")
      ->required()
      ->type_name("");
  add_message_filters(*command, *of_log);

  const auto of_id = std::make_shared<SearchWanted>();
  command = add(app, action, "find", "say what an id is the id of", of_id, find);
  command->add_option("ID", of_id->id, "of a message, referral, case or appointment")->required()->type_name("");
}

}  // namespace relais::cli
