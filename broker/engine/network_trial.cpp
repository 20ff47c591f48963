#include "broker/engine/network_trial.h"

#include "broker/engine/reports.h"

namespace relais::engine {

base::Result<NetworkTrial> try_network(const journal::Store& store, const base::PublicKeyBytes& authority,
                                       const v1::SignedNetwork& network) {
  NetworkTrial trial;
  if (network.definition().empty() || !trial.definition.ParseFromString(network.definition()))
    return base::refuse(base::RefusalCode::network_invalid, "definition",
                        {{"why", "not a serialised NetworkDefinition"}});
  trial.authentic = base::verify(authority, base::kNetworkDomain, network.definition(), network.signature());
  trial.violations = core::check_network(trial.definition);
  if (const auto present = Reports(store).network()) trial.present = present->version();
  return trial;
}

}  // namespace relais::engine
