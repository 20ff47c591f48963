// relaisctl drain: before an upgrade, nothing new is taken, and what is on its way comes to its end.
#include <chrono>
#include <memory>
#include <thread>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

constexpr std::chrono::milliseconds kLookAgain{200};

struct DrainWanted {
  std::filesystem::path data;
  unsigned wait_seconds = 0;
  Signature signature;
};

Report drain_report(const Answer& answer) {
  return Report()
      .fact("draining", "draining", cell(answer, "draining"))
      .fact("out_for_delivery", "out for delivery", cell(answer, "out_for_delivery"))
      .fact("inputs_waiting", "inputs waiting", cell(answer, "inputs_waiting"))
      .fact("nothing_in_flight", "nothing in flight", cell(answer, "nothing_in_flight"));
}

Answer body_of(const DrainWanted& wanted) {
  return {{"operator", wanted.signature.name}, {"reason", wanted.signature.reason}};
}

/// With --wait, kRefused when something is still on its way after that time.
int start(const DrainWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto begun = client->post("/api/v1/drain", body_of(wanted));
  if (!begun) return console.refuse(begun.refusal());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wanted.wait_seconds);
  for (;;) {
    const auto now = client->get("/api/v1/drain");
    if (!now) return console.refuse(now.refusal());
    const bool quiet = now->value("nothing_in_flight", false);
    if (quiet || std::chrono::steady_clock::now() >= until) {
      const int shown = console.show(drain_report(*now).fact("position", "journal position", cell(*begun, "position")));
      return quiet || wanted.wait_seconds == 0 ? shown : kRefused;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

int end(const DrainWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto ended = client->post("/api/v1/drain/end", body_of(wanted));
  if (!ended) return console.refuse(ended.refusal());
  return console.show(
      Report().fact("draining", "draining", false).fact("position", "journal position", cell(*ended, "position")));
}

}  // namespace

void add_drain_commands(CLI::App& app, Action& action) {
  auto* const group =
      app.add_subcommand("drain", "take nothing new and go on delivering, before an upgrade; take it back");
  group->require_subcommand(1);
  const auto wanted = std::make_shared<DrainWanted>();
  auto* const started = group->add_subcommand("start", "take nothing new; senders keep their messages meanwhile");
  add_data_option(*started, wanted->data);
  add_signature_options(*started, wanted->signature);
  started
      ->add_option("--wait", wanted->wait_seconds,
                   "wait so long, in seconds, until nothing is in flight; exit code 1 when something still is")
      ->type_name("SECONDS");
  started->callback([&action, wanted] { action = [=](const Console& c) { return start(*wanted, c); }; });

  auto* const ended = group->add_subcommand("end", "take messages again");
  add_data_option(*ended, wanted->data);
  add_signature_options(*ended, wanted->signature);
  ended->callback([&action, wanted] { action = [=](const Console& c) { return end(*wanted, c); }; });

  auto* const shown = group->add_subcommand("show", "show whether it drains, and what is still in flight");
  add_data_option(*shown, wanted->data);
  shown->callback([&action, wanted] {
    action = [=](const Console& c) { return ask(wanted->data, "/api/v1/drain", {}, drain_report, c); };
  });
}

}  // namespace relais::cli
