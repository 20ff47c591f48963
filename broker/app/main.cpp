// relaisd: the broker.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <CLI/CLI.hpp>

#include "broker/app/broker.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace {

using namespace relais;

int show_faults(const std::vector<base::FileViolation>& faults) {
  for (const auto& fault : faults)
    std::fprintf(stderr, "%s:%u: %s %s%s%s\n", fault.place.file.c_str(), fault.place.line, fault.path.c_str(),
                 fault.problem.c_str(), fault.allowed.empty() ? "" : "; allowed: ", fault.allowed.c_str());
  return 1;
}

/// The signals that end or drain the broker are taken by sigwait() in the main thread, and by no other.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int run(const app::Config& config) {
  const auto signals = block_signals();
  base::start_log("relaisd", config.log_level, config.log_format);
  const base::SystemClock clock;
  // Memory is ahead of the disk when the journal fails: nothing may be saved, flushed or answered any more.
  auto broker = app::Broker::open(config, clock, [] { std::_Exit(3); });
  if (!broker) {
    base::log_error(
        "can not open",
        {{"code", broker.refusal().name()}, {"field", broker.refusal().field}, {"what", broker.refusal().english()}});
    return 1;
  }
  if (auto started = (*broker)->start(); !started) {
    base::log_error("can not start", {{"code", started.refusal().name()},
                                      {"field", started.refusal().field},
                                      {"what", started.refusal().english()}});
    return 1;
  }
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    (*broker)->drain();
    if (signal == SIGUSR1) continue;
    (*broker)->stop();
    return 0;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options{
      "relaisd: the Relais broker. Routes sealed referral and appointment messages between institutions.\n"
      "SIGTERM or SIGINT stops it; SIGUSR1 drains it: it takes nothing new and goes on delivering."};
  std::string file;
  bool check = false;
  options.add_option("--config", file, "settings of this process (TOML; an example is config/examples/relaisd.toml)")
      ->required();
  options.add_flag("--check", check, "read the settings, tell every fault with its line, and stop");
  options.set_version_flag("--version", "relaisd " RELAIS_VERSION);
  CLI11_PARSE(options, argc, argv);
  relais::base::crypto_init();
  const auto read = app::read_config(file);
  if (!read.faults.empty()) return show_faults(read.faults);
  if (check) {
    std::printf("%s: no fault\n", file.c_str());
    return 0;
  }
  return run(read.config);
}
