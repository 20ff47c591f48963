// relais-sftp: connects an institution's software by folders on an SFTP server.
#include "adapters/sftp/config.h"
#include "adapters/sftp/connector.h"

int main(int argc, char** argv) {
  using namespace relais;
  return sdk::run_connector<sftp::SftpConnector>(
      argc, argv, "relais-sftp", "Connects an institution's software to Relais by folders on an SFTP server.",
      sftp::read_config,
      [](const sdk::AdapterConfig& adapter, sftp::Config& config) { return files::fit_to(adapter, config.exchanges); });
}
