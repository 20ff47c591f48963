// relais-rdvsp: connects an institution's RDV Service Public (RDV-Solidarités).
#include <string_view>

#include "adapters/rdvsp/config.h"
#include "adapters/rdvsp/connector.h"
#include "adapters/sdk/run_adapter.h"

namespace {

constexpr std::string_view kSummary =
    "Connects an institution's RDV Service Public (RDV-Solidarités) to Relais: referrals become people with an\n"
    "invitation there, appointments made there become appointments here.";

}  // namespace

int main(int argc, char** argv) {
  using namespace relais;
  const base::SystemClock clock;
  rdvsp::Config config;
  sdk::Program program;
  program.name = "relais-rdvsp";
  program.summary = kSummary;
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    config = rdvsp::read_config(whole, folder);
  };
  program.make = [&](const sdk::AdapterConfig& adapter) -> base::Result<std::unique_ptr<sdk::Connector>> {
    if (auto fits = rdvsp::fit_to(adapter, config); !fits) return fits.refusal();
    return std::unique_ptr<sdk::Connector>(std::make_unique<rdvsp::RdvspConnector>(config, clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
