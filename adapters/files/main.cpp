// relais-files: connects an institution's software by watched folders.
#include "adapters/files/config.h"
#include "adapters/files/connector.h"
#include "adapters/sdk/run_adapter.h"

int main(int argc, char** argv) {
  using namespace relais;
  const base::SystemClock clock;
  std::vector<files::ExchangeConfig> exchanges;
  sdk::Program program;
  program.name = "relais-files";
  program.summary = "Connects an institution's software to Relais by watched folders: CSV, fixed width, XML, JSON.";
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    exchanges = files::read_exchanges(whole, folder);
  };
  program.make = [&](const sdk::AdapterConfig& config) -> base::Result<std::unique_ptr<sdk::Connector>> {
    if (auto fits = files::fit_to(config, exchanges); !fits) return fits.refusal();
    return std::unique_ptr<sdk::Connector>(std::make_unique<files::FilesConnector>(exchanges, clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
