// relaisctl self-test: whether each institution's adapter is there and answers, and how fast.
#include <algorithm>
#include <memory>
#include <sstream>
#include <thread>

#include "broker/cli/answer.h"
#include "broker/cli/options.h"

namespace relais::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLookEvery{100};
constexpr int kWaitMost = 3'600;

struct SelfTestWanted {
  fs::path data;
  std::vector<std::string> institutions;
  Signature signature;
  int wait_seconds = 10;
};

bool all_delivered(const Answer& result) {
  return std::ranges::all_of(result["institutions"],
                             [](const Answer& one) { return one.value("state", "") == "delivered"; });
}

/// What is known when everybody has answered, or when the time is up.
base::Result<Answer> wait_for(const BrokerClient& client, const std::string& message_id, int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (true) {
    auto result = client.get("/api/v1/self-tests/" + message_id);
    if (!result || all_delivered(*result) || std::chrono::steady_clock::now() >= until) return result;
    std::this_thread::sleep_for(kLookEvery);
  }
}

int run(const SelfTestWanted& wanted, const Console& console) {
  const auto client = BrokerClient::of(wanted.data);
  if (!client) return console.refuse(client.refusal());
  const auto begun = client->post("/api/v1/self-tests", {{"operator", wanted.signature.name},
                                                         {"reason", wanted.signature.reason},
                                                         {"institutions", wanted.institutions}});
  if (!begun) return console.refuse(begun.refusal());
  const auto result = wait_for(*client, begun->value("message_id", ""), wanted.wait_seconds);
  if (!result) return console.refuse(result.refusal());
  Table table{"institutions",
              "Institutions",
              {{"institution", "institution"},
               {"state", "state"},
               {"round_trip_ms", "round trip (ms)", true},
               {"attempts", "attempts", true},
               {"reason", "reason"}},
              {}};
  add_rows(table, (*result)["institutions"]);
  Report report;
  report.fact("message_id", "message", cell(*result, "message_id"))
      .fact("sent_at", "sent", cell(*result, "sent_at"))
      .table(std::move(table));
  std::ostringstream text;
  report.print(text, console.json());
  return console.print(text.str(), all_delivered(*result));
}

}  // namespace

void add_self_test_commands(CLI::App& app, Action& action) {
  auto* const command = app.add_subcommand(
      "self-test", "send institutions an exercise message that their adapters acknowledge at once, and time it");
  const auto wanted = std::make_shared<SelfTestWanted>();
  add_data_option(*command, wanted->data);
  command->add_option("INSTITUTION", wanted->institutions, "ids; without any: all of the network")->type_name("");
  command->add_option("--wait", wanted->wait_seconds, "seconds until who has not answered is told so; exit code 1 then")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, kWaitMost))
      ->capture_default_str();
  add_signature_options(*command, wanted->signature);
  command->callback([&action, wanted] { action = [wanted](const Console& console) { return run(*wanted, console); }; });
}

}  // namespace relais::cli
