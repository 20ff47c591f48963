// What would become of a signed network definition if it were put in force now: everything that stands against it at
// once. Nothing is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/core/network_check.h"
#include "broker/journal/store.h"

#include "relais/v1/network.pb.h"

namespace relais::engine {

struct NetworkTrial {
  v1::NetworkDefinition definition;
  bool authentic = false;                // the authority signed it
  std::optional<std::uint64_t> present;  // version in force
  std::vector<core::Violation> violations;

  /// The engine would take it.
  [[nodiscard]] bool acceptable() const {
    return authentic && violations.empty() && (!present || definition.version() > *present);
  }
};

/// Any thread. network.invalid (definition) when it is not readable at all.
base::Result<NetworkTrial> try_network(const journal::Store& store, const base::PublicKeyBytes& authority,
                                       const v1::SignedNetwork& network);

}  // namespace relais::engine
