// The institutions of a benchmark: keys, a signed network definition, and the settings of the broker, below one folder.
#pragma once

#include <filesystem>
#include <string>

#include "broker/base/crypto.h"

namespace relais::bench {

/// Everything is derived from seeds that prepare() writes to the folder, so that each client process finds the same
/// keys.
class World {
 public:
  /// Makes the folder's keys, network definition and relaisd.toml.
  static void prepare(const std::filesystem::path& folder, int port, int queues, int producers);

  explicit World(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Applies the network definition through the admin API; throws when the broker is not there yet.
  void apply_network() const;

  [[nodiscard]] base::SecretKey secret(const std::string& name) const;
  [[nodiscard]] base::PublicKeyBytes broker_transport_key() const;

  static std::string producer(int index) { return "producer-" + std::to_string(index); }
  static std::string queue(int index) { return "queue-" + std::to_string(index); }

 private:
  std::filesystem::path folder_;
};

}  // namespace relais::bench
