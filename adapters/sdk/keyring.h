// The secrets of the institutions that the adapter serves, and the key agreements made with them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/adapter_config.h"
#include "adapters/sdk/network.h"
#include "broker/base/crypto.h"

namespace relais::sdk {

/// Threads: any. `institutions` outlive it.
class Keyring {
 public:
  explicit Keyring(const std::vector<ServedInstitution>& institutions);

  [[nodiscard]] bool serves(std::string_view institution) const { return secrets_.contains(institution); }

  /// The institution that it serves when there is only one; else empty.
  [[nodiscard]] std::string only_institution() const;

  struct SigningKey {
    std::string id;
    base::PublicKeyBytes public_key{};
    std::unique_ptr<base::Signer> signer;
  };
  struct SealingKey {
    std::string id;
    const base::KeyPair* pair = nullptr;
  };

  /// The key that the network definition holds for valid now, with the latest beginning among several; null: none.
  [[nodiscard]] const SigningKey* signing_key(std::string_view institution, const Network& network,
                                              base::Instant now) const;
  [[nodiscard]] const SealingKey* sealing_key(std::string_view institution, const Network& network,
                                              base::Instant now) const;

  /// A key of ours, also a retired one; null when there is none of that id.
  [[nodiscard]] const SealingKey* sealing_key(std::string_view institution, std::string_view key_id) const;

  /// Computed once for each pair. key.invalid.
  base::Result<std::shared_ptr<const base::SharedKey>> agree(const SealingKey& mine,
                                                             const base::PublicKeyBytes& theirs);

 private:
  struct Secrets {
    std::vector<SigningKey> signing;
    std::vector<SealingKey> sealing;
  };
  std::map<std::string, Secrets, std::less<>> secrets_;
  std::mutex mutex_;
  std::map<std::pair<base::PublicKeyBytes, base::PublicKeyBytes>, std::shared_ptr<const base::SharedKey>> agreed_;
};

}  // namespace relais::sdk
