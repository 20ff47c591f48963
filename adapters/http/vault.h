// Keeps what a person of the institution may read out of everybody else's sight while it waits on the disk: sealed by
// the institution for itself, as messages are sealed on their way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/adapter_config.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"

namespace relais::http {

/// Immutable after building; any thread.
class Vault {
 public:
  /// Seals with the first sealing key, opens with any. key.invalid when a key is a weak point.
  static base::Result<Vault> make(const sdk::ServedInstitution& institution);

  /// `message_id`: 16 bytes; what is locked opens under the same id only.
  [[nodiscard]] std::string lock(std::string_view message_id, std::string_view text) const;

  /// compartment.does_not_open, also when its key is no longer in the settings; compartment.malformed.
  [[nodiscard]] base::Result<std::string> unlock(std::string_view message_id, std::string_view locked) const;

 private:
  struct Key {
    std::string id;
    base::SharedKey shared;
  };
  Vault(std::string institution, std::vector<Key> keys)
      : institution_(std::move(institution)), keys_(std::move(keys)) {}

  std::string institution_;
  std::vector<Key> keys_;
};

}  // namespace relais::http
