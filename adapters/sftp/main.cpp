// relais-sftp: connects an institution's software by folders on an SFTP server.
#include "adapters/sftp/config.h"
#include "adapters/sftp/connector.h"

int main(int argc, char** argv) {
  using namespace relais;
  const base::SystemClock clock;
  sftp::Config config;
  sdk::Program program;
  program.name = "relais-sftp";
  program.summary = "Connects an institution's software to Relais by folders on an SFTP server.";
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    config = sftp::read_config(whole, folder);
  };
  program.make = [&](const sdk::AdapterConfig& adapter) -> base::Result<std::unique_ptr<sdk::Connector>> {
    if (auto fits = files::fit_to(adapter, config.exchanges); !fits) return fits.refusal();
    return std::unique_ptr<sdk::Connector>(std::make_unique<sftp::SftpConnector>(config, clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
