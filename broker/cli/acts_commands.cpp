// relaisctl audit list, chain: what a running broker says of who did what, and whether its journal is whole.
#include <memory>

#include "broker/cli/listing.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

struct ActsWanted {
  fs::path data;
  Asked asked;
  std::string name;
  std::string action;
};

/// "message 0f… of caf-25", "network version 3", "institution caf-25".
Json about_text(const Answer& about) {
  if (about.is_null()) return nullptr;
  if (about.contains("network_version")) return "network version " + about["network_version"].dump();
  if (about.contains("account")) return "account " + about.value("account", "");
  if (about.contains("institution")) return "institution " + about.value("institution", "");
  const auto recipient = about.value("recipient", "");
  return "message " + about.value("message_id", "") + (recipient.empty() ? "" : " of " + recipient);
}

int list(const ActsWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  auto asked = wanted.asked;
  asked.path = "/api/v1/audit";
  asked.parameters = {{"operator", wanted.name}, {"action", wanted.action}};
  Table table{"acts",
              "Who did what, the newest first",
              {{"at", "at"},
               {"position", "position", true},
               {"operator", "operator"},
               {"action", "action"},
               {"about", "about"},
               {"reason", "reason"}},
              {}};
  const auto more = fill(*client, asked, table, [](const Answer& act) {
    return std::vector<Json>{cell(act, "at"),
                             cell(act, "position"),
                             cell(act, "operator"),
                             cell(act, "action"),
                             about_text(act.value("about", Answer())),
                             cell(act, "reason")};
  });
  if (!more) return console.refuse(more.refusal());
  return console.show(Report().fact("more", "there are more", *more).table(std::move(table)));
}

/// Every record there was when it began; the broker checks a stretch at a time.
int chain(const ActsWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  std::uint64_t reached = 0;
  std::uint64_t end = 0;
  for (;;) {
    const auto stretch = client->get("/api/v1/audit/chain", {{"from", std::to_string(reached + 1)}});
    if (!stretch) return console.refuse(stretch.refusal());
    if (const auto damaged = stretch->value("damaged", Answer()); !damaged.is_null())
      return console.refuse(base::refuse(
          base::RefusalCode::journal_damaged, {},
          {{"position", std::to_string(stretch->value("reached", 0ull) + 1)}, {"why", damaged.value("english", "")}}));
    reached = stretch->value("reached", reached);
    if (end == 0) end = stretch->value("end", std::uint64_t{0});
    if (reached >= end)
      return console.show(Report()
                              .fact("verified", "verified", true)
                              .fact("records", "records", reached)
                              .fact("chain_hash", "chain hash", cell(*stretch, "hash")));
  }
}

}  // namespace

void add_acts_commands(CLI::App& audit, Action& action) {
  const auto listed = std::make_shared<ActsWanted>();
  auto* command = audit.add_subcommand("list", "who did what in a running broker, when and why, the newest first");
  add_data_option(*command, listed->data);
  command->add_option("--operator", listed->name, "only what that person did")->type_name("NAME");
  command->add_option("--action", listed->action, "only this, as in dead_letter.requeue")->type_name("ACTION");
  add_stretch_options(*command, listed->asked.stretch, "of the action");
  add_most_option(*command, listed->asked.most);
  command->callback([&action, listed] { action = [=](const Console& c) { return list(*listed, c); }; });

  const auto checked = std::make_shared<ActsWanted>();
  command = audit.add_subcommand(
      "chain", "let a running broker check its journal's chain of hashes; verify checks the signatures too");
  add_data_option(*command, checked->data);
  command->callback([&action, checked] { action = [=](const Console& c) { return chain(*checked, c); }; });
}

}  // namespace relais::cli
