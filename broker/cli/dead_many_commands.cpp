// relaisctl dead requeue-many, discard-many: all dead letters that a filter names, after a look at what it would do.
#include <memory>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct DeadManyWanted {
  fs::path data;
  std::string recipient;
  std::string reason_code;
  std::string sender;
  std::string kind;
  bool dry_run = false;
  bool everything = false;
  Signature signature;
};

Answer order_of(const DeadManyWanted& wanted, const std::string& what) {
  Answer filter = Answer::object();
  const auto narrow = [&](const char* key, const std::string& value) {
    if (!value.empty()) filter[key] = value;
  };
  narrow("recipient", wanted.recipient);
  narrow("reason", wanted.reason_code);
  narrow("sender", wanted.sender);
  narrow("kind", wanted.kind);
  return {{"action", what}, {"filter", filter}};
}

int rehearse(const BrokerClient& client, Answer order, const Console& console) {
  order["dry_run"] = true;
  const auto seen = client.post("/api/v1/dead-letters/many", order);
  if (!seen) return console.refuse(seen.refusal());
  Table groups{"groups",
               "Dead letters that it names",
               {{"recipient", "recipient"},
                {"reason", "reason"},
                {"count", "count", true},
                {"exercise", "exercises", true},
                {"oldest_at", "oldest since"},
                {"adapters_connected", "adapters connected", true}},
               {}};
  add_rows(groups, (*seen)["groups"]);
  return console.show(Report()
                          .fact("matching", "would touch", cell(*seen, "matching"))
                          .fact("others", "would leave", cell(*seen, "others"))
                          .fact("everything", "that is every one", cell(*seen, "everything"))
                          .fact("complete", "all counted", cell(*seen, "complete"))
                          .fact("until", "dead before", cell(*seen, "until"))
                          .table(std::move(groups)));
}

/// What dies while it goes on is left alone: the look before it says until when. The broker takes a portion at a time.
int carry_out(const BrokerClient& client, Answer order, const DeadManyWanted& wanted, const Console& console) {
  auto look = order;
  look["dry_run"] = true;
  const auto seen = client.post("/api/v1/dead-letters/many", look);
  if (!seen) return console.refuse(seen.refusal());
  order["until"] = (*seen)["until"];
  order["everything"] = wanted.everything;
  order["operator"] = wanted.signature.name;
  order["reason"] = wanted.signature.reason;
  std::uint64_t done = 0, gone = 0;
  do {
    const auto portion = client.post("/api/v1/dead-letters/many", order);
    if (!portion) return console.refuse(portion.refusal());
    done += portion->value("done", std::uint64_t{0});
    gone += portion->value("gone", std::uint64_t{0});
    if (portion->contains("refused")) return console.refuse(refusal_in(*portion));
    order["next"] = portion->value("next", Answer());
  } while (!order["next"].is_null());
  return console.show(Report().fact("done", "done", done).fact("gone", "gone already", gone));
}

int act(const DeadManyWanted& wanted, const std::string& what, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto order = order_of(wanted, what);
  return wanted.dry_run ? rehearse(*client, order, console) : carry_out(*client, order, wanted, console);
}

void add(CLI::App& dead, Action& action, const std::string& what, const char* help) {
  auto* const command = dead.add_subcommand(what + "-many", help);
  const auto wanted = std::make_shared<DeadManyWanted>();
  add_data_option(*command, wanted->data);
  command->add_option("--recipient", wanted->recipient, "only those of this institution")->type_name("INSTITUTION");
  command->add_option("--sender", wanted->sender, "only those of this sender")->type_name("INSTITUTION");
  command->add_option("--kind", wanted->kind, "only messages of this kind")->type_name("KIND");
  command->add_option("--dead-of", wanted->reason_code, "only those with this reason, as dead list shows it")
      ->type_name("CODE");
  command->add_flag("--everything", wanted->everything, "the filter may name every dead letter there is");
  add_signature_options(*command, wanted->signature);
  auto* const reason = command->get_option("--reason");
  reason->required(false);
  command->add_flag("--dry-run", wanted->dry_run, "say what it would do, and do nothing");
  command->callback([&action, wanted, what] {
    if (!wanted->dry_run && wanted->signature.reason.empty()) throw CLI::RequiredError("--reason");
    action = [wanted, what](const Console& console) { return act(*wanted, what, console); };
  });
}

}  // namespace

void add_dead_many_commands(CLI::App& dead, Action& action) {
  add(dead, action, "requeue", "put all that a filter names back into their queues");
  add(dead, action, "discard", "give all that a filter names up for good");
}

}  // namespace relais::cli
