// Who may connect, and for which institutions a key speaks: the transport keys of one network definition.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/base/clock.h"

#include "relais/v1/network.pb.h"

namespace relais::transport {

/// Immutable. Keys are 32 bytes; one may stand with several institutions, each with its own validity.
class AccessList {
 public:
  /// Lets nobody in.
  AccessList() = default;
  explicit AccessList(const v1::NetworkDefinition& network);

  [[nodiscard]] bool knows(std::string_view key, base::Instant now) const;
  [[nodiscard]] bool speaks_for(std::string_view key, std::string_view institution, base::Instant now) const;

  /// Of the definition; 0 while there is none.
  [[nodiscard]] std::uint64_t network_version() const { return network_version_; }

 private:
  struct Right {
    std::string institution;
    std::int64_t from_ms = 0;   // 0: always
    std::int64_t until_ms = 0;  // 0: for ever; first instant at which it no longer counts
    [[nodiscard]] bool holds(base::Instant now) const;
  };
  std::unordered_map<std::string, std::vector<Right>> rights_;
  std::uint64_t network_version_ = 0;
};

}  // namespace relais::transport
