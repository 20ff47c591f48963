// The main() of every adapter: command line, configuration, logs, signals, order of starting and stopping.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "adapters/sdk/adapter.h"
#include "broker/base/clock.h"

namespace relais::sdk {

/// One connection to an institution's software. Built when its configuration is known, started when the adapter's store
/// is open and nothing was delivered yet, stopped before the adapter.
class Connector : public Handler {
 public:
  /// Keeps a reference to `adapter`, which outlives it; starts its own threads. A refusal ends the program.
  virtual base::Status start(Adapter& adapter) = 0;
  /// Ends its own threads. Idempotent. on_message() may still be called until the adapter has ended, which follows at
  /// once: it works, or answers retry.
  virtual void stop() = 0;
};

struct Program {
  std::string name;     // "relais-files"
  std::string summary;  // one line for --help
  /// Reads the connector's tables (see ReadConnector), also under --check.
  ReadConnector read_tables;
  /// Called once after read_tables() found no fault. io.failed and others end the program with their sentence.
  std::function<base::Result<std::unique_ptr<Connector>>(const AdapterConfig&)> make;
};

/// `NAME CONFIG` runs until SIGTERM or SIGINT; `NAME --check CONFIG` reads the configuration and tells every fault.
/// The answer is the exit code: 0; 1 the configuration or the start failed; 2 the command line is wrong.
int run_adapter(int argc, char** argv, const Program& program);

/// The same for a connector that is made of its settings and a clock. `read` answers the settings; `fits` compares them
/// with what the SDK's tables say, and may complete them.
template <class Made, class Read, class Fits>
int run_connector(int argc, char** argv, std::string name, std::string summary, Read read, Fits fits) {
  const base::SystemClock clock;
  std::invoke_result_t<Read, base::TableReader&, const std::filesystem::path&> settings;
  Program program;
  program.name = std::move(name);
  program.summary = std::move(summary);
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    settings = read(whole, folder);
  };
  program.make = [&](const AdapterConfig& adapter) -> base::Result<std::unique_ptr<Connector>> {
    if (auto fit = fits(adapter, settings); !fit) return fit.refusal();
    return std::unique_ptr<Connector>(std::make_unique<Made>(settings, clock));
  };
  return run_adapter(argc, argv, program);
}

}  // namespace relais::sdk
