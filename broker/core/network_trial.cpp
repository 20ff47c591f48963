#include "broker/core/network_trial.h"

namespace relais::core {

using base::RefusalCode;
using base::refuse;

base::Status NetworkTrial::verdict() const {
  if (!authentic) return refuse(RefusalCode::network_signature);
  if (!violations.empty())
    return refuse(RefusalCode::network_invalid, violations.front().path, {{"why", violations.front().problem}});
  if (present && definition.version() <= *present)
    return refuse(RefusalCode::network_not_newer, "version",
                  {{"version", std::to_string(definition.version())}, {"present", std::to_string(*present)}});
  return base::Done{};
}

base::Result<NetworkTrial> try_network(const v1::SignedNetwork& network, const base::PublicKeyBytes& authority,
                                       std::optional<std::uint64_t> present) {
  NetworkTrial trial;
  trial.present = present;
  trial.authentic = base::verify(authority, base::kNetworkDomain, network.definition(), network.signature());
  if (network.definition().empty() || !trial.definition.ParseFromString(network.definition()))
    return refuse(RefusalCode::network_invalid, "definition", {{"why", "not a serialised NetworkDefinition"}});
  trial.violations = check_network(trial.definition);
  return trial;
}

}  // namespace relais::core
