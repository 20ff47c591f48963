// relaisctl dead: the messages that reached no end by themselves.
#include <memory>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct DeadLetterWanted {
  fs::path data;
  std::string recipient;
  std::string message_id;
  Signature signature;
};

base::Result<Answer> dead_letters(const BrokerClient& client, const std::string& recipient) {
  auto answer = client.get("/api/v1/dead-letters", {{"recipient", recipient}});
  if (!answer) return answer.refusal();
  return answer->value("dead_letters", Answer::array());
}

int list(const DeadLetterWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto dead = dead_letters(*client, wanted.recipient);
  if (!dead) return console.refuse(dead.refusal());
  Table table{"dead_letters",
              "Dead letters",
              {{"message_id", "message"},
               {"recipient", "recipient"},
               {"kind", "kind"},
               {"sender", "sender"},
               {"reason", "reason"},
               {"detail", "detail"},
               {"at", "since"},
               {"attempts", "attempts", true}},
              {}};
  add_rows(table, *dead);
  return console.show(Report().table(std::move(table)));
}

/// The dead letter of that message; when it died for several recipients, the one named.
base::Result<Answer> find(const BrokerClient& client, const DeadLetterWanted& wanted) {
  const auto dead = dead_letters(client, wanted.recipient);
  if (!dead) return dead.refusal();
  for (const auto& letter : *dead)
    if (letter.value("message_id", "") == wanted.message_id) return letter;
  return base::refuse(base::RefusalCode::dead_letter_unknown);
}

int show(const DeadLetterWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto letter = find(*client, wanted);
  if (!letter) return console.refuse(letter.refusal());
  Report report;
  for (const auto& [key, value] : letter->items()) report.fact(key, key, Json(value));
  return console.show(report);
}

int act(const DeadLetterWanted& wanted, const std::string& what, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto letter = find(*client, wanted);
  if (!letter) return console.refuse(letter.refusal());
  const char* const path = what == "requeue" ? "/api/v1/dead-letters/requeue" : "/api/v1/dead-letters/discard";
  const auto done = client->post(path, {{"operator", wanted.signature.name},
                                        {"reason", wanted.signature.reason},
                                        {"recipient", (*letter)["recipient"]},
                                        {"position", (*letter)["position"]},
                                        {"ordinal", (*letter)["ordinal"]}});
  if (!done) return console.refuse(done.refusal());
  return console.show(
      Report().fact("done", "done", what).fact("position", "journal position", cell(*done, "position")));
}

std::shared_ptr<DeadLetterWanted> add_options(CLI::App& command) {
  auto wanted = std::make_shared<DeadLetterWanted>();
  add_data_option(command, wanted->data);
  command.add_option("--recipient", wanted->recipient, "only those of this institution")->type_name("INSTITUTION");
  return wanted;
}

void add_action(CLI::App& dead, Action& action, const char* what, const char* help) {
  auto* const command = dead.add_subcommand(what, help);
  const auto wanted = add_options(*command);
  command->add_option("MESSAGE", wanted->message_id, "message id")->required()->type_name("");
  add_signature_options(*command, wanted->signature);
  command->callback([&action, wanted, what] {
    action = [wanted, what](const Console& console) { return act(*wanted, what, console); };
  });
}

}  // namespace

void add_dead_letter_commands(CLI::App& app, Action& action) {
  auto* const dead = app.add_subcommand("dead", "list dead letters, put them back or discard them");
  dead->require_subcommand(1);
  auto* const listed = dead->add_subcommand("list", "list them, with the reason of each");
  const auto list_wanted = add_options(*listed);
  listed->callback([&action, list_wanted] { action = [=](const Console& c) { return list(*list_wanted, c); }; });
  auto* const shown = dead->add_subcommand("show", "show one");
  const auto show_wanted = add_options(*shown);
  shown->add_option("MESSAGE", show_wanted->message_id, "message id")->required()->type_name("");
  shown->callback([&action, show_wanted] { action = [=](const Console& c) { return show(*show_wanted, c); }; });
  add_action(*dead, action, "requeue", "put one back into its queue");
  add_action(*dead, action, "discard", "give one up for good");
  add_dead_many_commands(*dead, action);
}

}  // namespace relais::cli
