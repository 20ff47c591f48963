// relaisctl pause: nothing is offered to an institution while its software is under maintenance.
#include <memory>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"
#include "broker/cli/times.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct PauseWanted {
  fs::path data;
  std::string institution;
  std::string from;
  std::string until;
  Signature signature;
};

Report show_pauses(const Answer& answer) {
  Table table{"pauses",
              "Pauses",
              {{"institution", "institution"},
               {"in_force", "in force"},
               {"from", "from"},
               {"until", "until"},
               {"operator", "by"},
               {"reason", "reason"}},
              {}};
  add_rows(table, answer["pauses"]);
  return Report().table(std::move(table));
}

int act(const PauseWanted& wanted, bool end, const Console& console) {
  Answer body{
      {"operator", wanted.signature.name}, {"reason", wanted.signature.reason}, {"institution", wanted.institution}};
  for (const auto& [name, given] : {std::pair("from", wanted.from), std::pair("until", wanted.until)}) {
    if (given.empty()) continue;
    const auto at = instant(given, (std::string("--") + name).c_str());
    if (!at) return console.refuse(at.refusal());
    body[name] = *at;
  }
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto done = end ? client->post("/api/v1/pauses/end", body) : client->post("/api/v1/pauses", body);
  if (!done) return console.refuse(done.refusal());
  return console.show(Report()
                          .fact("institution", "institution", wanted.institution)
                          .fact("position", "journal position", cell(*done, "position")));
}

}  // namespace

void add_pause_commands(CLI::App& app, Action& action) {
  auto* const pause = app.add_subcommand("pause", "hold back an institution's deliveries during a maintenance");
  pause->require_subcommand(1);
  auto* const listed = pause->add_subcommand("list", "list the pauses in force and announced");
  const auto list_wanted = std::make_shared<PauseWanted>();
  add_data_option(*listed, list_wanted->data);
  listed->callback([&action, list_wanted] {
    action = [=](const Console& c) { return ask(list_wanted->data, "/api/v1/pauses", {}, show_pauses, c); };
  });
  const auto add = [&](const char* name, const char* help, bool end) {
    auto* const command = pause->add_subcommand(name, help);
    auto wanted = std::make_shared<PauseWanted>();
    add_data_option(*command, wanted->data);
    command->add_option("INSTITUTION", wanted->institution, "its id")->required()->type_name("");
    add_signature_options(*command, wanted->signature);
    command->callback([&action, wanted, end] {
      action = [wanted, end](const Console& console) { return act(*wanted, end, console); };
    });
    return std::pair(command, wanted);
  };
  const auto [set, wanted] = add("set", "pause at once or announce a pause; of one in force, set another end", false);
  set->add_option("--from", wanted->from, "when it begins, in Paris: \"2026-01-31 14:05\"; absent: at once")
      ->type_name("TIME");
  set->add_option("--until", wanted->until, "when it ends by itself, seven days after it began at the latest")
      ->required()
      ->type_name("TIME");
  add("end", "end a pause before its time, or take back an announced one", true);
}

}  // namespace relais::cli
