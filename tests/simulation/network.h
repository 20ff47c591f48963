// The institutions of a simulated territory.
#pragma once

#include <string>
#include <vector>

#include "broker/base/crypto.h"

#include "relais/v1/network.pb.h"

namespace relais::simulation {

inline const std::vector<std::string> kInstitutions = {"ccas-1", "caf-1", "cpam-1", "mission-1"};

/// Every two of them have an agreement; those of the CAF allow forwarding. Deadlines are hours, so that simulated days
/// see many pass.
v1::NetworkDefinition territory(std::uint64_t version);

v1::SignedNetwork signed_by(const base::Signer& authority, const v1::NetworkDefinition& definition);

}  // namespace relais::simulation
