#include "adapters/sdk/run_adapter.h"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <pthread.h>
#include <span>
#include <string_view>

#include "broker/base/log.h"

namespace relais::sdk {

namespace {

constexpr int kFine = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct CommandLine {
  bool check = false;
  std::filesystem::path config;
};

std::string usage(const Program& program) {
  return program.name + ": " + program.summary + "\n\nUsage:\n  " + program.name +
         " CONFIG           run until SIGTERM or SIGINT\n  " + program.name +
         " --check CONFIG   read the configuration, tell every fault, and end\n  " + program.name +
         " --version | --help\n";
}

std::optional<CommandLine> parse(std::span<char*> words) {
  CommandLine line;
  for (const std::string_view word : words) {
    if (word == "--check" && !line.check)
      line.check = true;
    else if (!word.starts_with("-") && line.config.empty())
      line.config = word;
    else
      return std::nullopt;
  }
  if (line.config.empty()) return std::nullopt;
  return line;
}

void print(const std::vector<base::FileViolation>& faults) {
  for (const auto& fault : faults) {
    std::cerr << fault.place.file;
    if (fault.place.line != 0) std::cerr << ":" << fault.place.line;
    std::cerr << ": " << fault.path << (fault.path.empty() ? "" : " ") << fault.problem;
    if (!fault.allowed.empty()) std::cerr << " (" << fault.allowed << ")";
    std::cerr << "\n";
  }
}

int fail(const Program& program, const base::Refusal& refusal) {
  std::cerr << program.name << ": " << refusal.name() << ": " << refusal.english() << "\n";
  return kFailed;
}

/// Blocked before any thread starts, so that only wait_for_end() sees them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int run(const Program& program, AdapterConfig config) {
  const sigset_t signals = block_signals();
  base::start_log(program.name, config.log_level, config.log_format);
  auto connector = program.make(config);
  if (!connector) return fail(program, connector.refusal());
  const base::SystemClock clock;
  Adapter adapter(std::move(config), **connector, clock);
  if (auto said = adapter.open(); !said) return fail(program, said.refusal());
  if (auto said = (*connector)->start(adapter); !said) return fail(program, said.refusal());
  int code = kFine;
  if (auto said = adapter.start(); said) {
    base::log_info("adapter started", {{"version", RELAIS_VERSION}});
    int received = 0;
    sigwait(&signals, &received);
    base::log_info("adapter stops", {{"signal", received}});
  } else {
    code = fail(program, said.refusal());
  }
  // The connector first: what it still submits finds an outbox, and its answers are on their way before the goodbye.
  (*connector)->stop();
  adapter.stop();
  return code;
}

}  // namespace

int run_adapter(int argc, char** argv, const Program& program) {
  const std::span<char*> words(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  if (words.size() == 1 && std::string_view(words[0]) == "--help") {
    std::cout << usage(program);
    return kFine;
  }
  if (words.size() == 1 && std::string_view(words[0]) == "--version") {
    std::cout << program.name << " " << RELAIS_VERSION << "\n";
    return kFine;
  }
  const auto line = parse(words);
  if (!line) {
    std::cerr << usage(program);
    return kUsage;
  }
  base::crypto_init();
  auto read = read_config(line->config, program.read_tables);
  print(read.faults);
  if (!read.faults.empty()) return kFailed;
  if (line->check) {
    std::cout << line->config.string() << ": no faults\n";
    return kFine;
  }
  return run(program, std::move(read.config));
}

}  // namespace relais::sdk
