// What stands against a signed network definition that is to be put in force: everything at once.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/core/network_check.h"

#include "relais/v1/network.pb.h"

namespace relais::core {

struct NetworkTrial {
  v1::NetworkDefinition definition;
  bool authentic = false;                // the authority signed it
  std::optional<std::uint64_t> present;  // version in force
  std::vector<Violation> violations;

  /// Whether it may be put in force: network.signature, network.invalid (the first fault), network.not_newer.
  [[nodiscard]] base::Status verdict() const;
};

/// network.invalid (definition) when it is not readable at all.
base::Result<NetworkTrial> try_network(const v1::SignedNetwork& network, const base::PublicKeyBytes& authority,
                                       std::optional<std::uint64_t> present);

}  // namespace relais::core
