// relais-http: connects an institution's software by a REST gateway and webhooks.
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "adapters/http/config.h"
#include "adapters/http/connector.h"
#include "adapters/http/openapi.h"
#include "adapters/http/signature.h"
#include "adapters/sdk/run_adapter.h"

namespace {

constexpr std::string_view kSummary =
    "Connects an institution's software to Relais by a REST gateway and webhooks, in JSON.\n"
    "  relais-http --openapi      the gateway's description, OpenAPI 3.1\n"
    "  relais-http --new-secret   a secret for webhooks; put it into a file of mode 0600";

}  // namespace

int main(int argc, char** argv) {
  using namespace relais;
  if (argc == 2 && std::string_view(argv[1]) == "--openapi") {
    fmt::print("{}", http::openapi());
    return 0;
  }
  if (argc == 2 && std::string_view(argv[1]) == "--new-secret") {
    base::crypto_init();
    fmt::print("{}\n", http::new_webhook_secret());
    return 0;
  }
  const base::SystemClock clock;
  http::Config config;
  sdk::Program program;
  program.name = "relais-http";
  program.summary = kSummary;
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    config = http::read_config(whole, folder);
  };
  program.make = [&](const sdk::AdapterConfig& adapter) -> base::Result<std::unique_ptr<sdk::Connector>> {
    if (auto fits = http::fit_to(adapter, config); !fits) return fits.refusal();
    auto vaults = http::make_vaults(config, adapter);
    if (!vaults) return vaults.refusal();
    return std::unique_ptr<sdk::Connector>(std::make_unique<http::HttpConnector>(config, std::move(*vaults), clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
