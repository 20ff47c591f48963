// relais-files: connects an institution's software by watched folders.
#include "adapters/files/config.h"
#include "adapters/files/connector.h"

int main(int argc, char** argv) {
  using namespace relais;
  return sdk::run_connector<files::FilesConnector>(
      argc, argv, "relais-files",
      "Connects an institution's software to Relais by watched folders: CSV, fixed width, XML, JSON.",
      [](base::TableReader& whole, const std::filesystem::path& folder) {
        return files::read_exchanges(whole, folder);
      },
      files::fit_to);
}
