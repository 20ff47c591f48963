// relais-files: connects an institution's software by watched folders.
#include <algorithm>

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
    for (auto& exchange : exchanges) {
      if (std::ranges::count(config.institutions, exchange.institution, &sdk::ServedInstitution::id) == 0)
        return base::refuse(base::RefusalCode::config_invalid, "exchange.institution",
                            {{"why", exchange.institution + " has no [[relais.institution]]"}});
      exchange.received = config.automatic_receipts ? files::ReceivedWhen::written : files::ReceivedWhen::taken;
    }
    return std::unique_ptr<sdk::Connector>(std::make_unique<files::FilesConnector>(exchanges, clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
