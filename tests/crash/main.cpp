// relais-crash: an adapter with the C++ SDK whose software is a ledger, made to be killed at any instant.
#include <atomic>
#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "broker/base/crypto.h"
#include "tests/crash/connector.h"

namespace {

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

using namespace relais;
using namespace std::chrono_literals;

struct Options {
  std::string role;
  std::filesystem::path config;
  std::filesystem::path ledger;
  std::vector<std::string> others;
  crash::Work work;
};

/// A campaign has seconds where production has minutes.
void hurry(sdk::SessionTimes& times) {
  times.reconnect_first = 50ms;
  times.reconnect_most = 400ms;
  times.welcome_within = 2s;
  times.answer_within = 5s;
  times.refused_first = 50ms;
  times.refused_most = 500ms;
}

int run(const Options& options) {
  auto read = sdk::read_config(options.config, [](base::TableReader&, const std::filesystem::path&) {});
  for (const auto& fault : read.faults)
    std::fprintf(stderr, "%s:%u: %s %s\n", fault.place.file.c_str(), fault.place.line, fault.path.c_str(),
                 fault.problem.c_str());
  if (!read.faults.empty() || read.config.institutions.size() != 1) return 1;
  hurry(read.config.times);
  base::start_log("relais-crash", read.config.log_level, read.config.log_format);
  crash::CrashConnector connector(options.ledger, {read.config.institutions.front().id, options.others}, options.work);
  const base::SystemClock clock;
  sdk::Adapter adapter(std::move(read.config), connector, clock);
  connector.attach(adapter);
  if (const auto started = adapter.start(); !started) {
    std::fprintf(stderr, "relais-crash: %s\n", started.refusal().english().c_str());
    return 1;
  }
  connector.run(stop_asked);
  adapter.stop();
  connector.write_sum();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App cli{"relais-crash: an SDK adapter whose software is a ledger. Started and killed by tests/crash/run."};
  cli.add_option("--role", options.role, "sender: opens cases; recipient: answers")
      ->required()
      ->check(CLI::IsMember({"sender", "recipient"}));
  cli.add_option("--config", options.config, "settings of the adapter")->required();
  cli.add_option("--ledger", options.ledger, "what the software knows")->required();
  cli.add_option("--others", options.others, "institutions to refer to, or to forward to")->required()->delimiter(',');
  cli.add_option("--drain", options.work.drain_file, "no new cases once this file exists")->required();
  cli.add_option("--per-second", options.work.cases_per_second, "new cases in a second")->default_val(10.0);
  cli.add_option("--open", options.work.open_max, "referrals open at once, at most")->default_val(40);
  CLI11_PARSE(cli, argc, argv);
  options.work.opens_cases = options.role == "sender";
  base::crypto_init();
  std::signal(SIGTERM, [](int) { stop_asked = true; });
  std::signal(SIGINT, [](int) { stop_asked = true; });
  return run(options);
}
