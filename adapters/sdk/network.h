// The network definition as an adapter uses it: who exists, and whose keys count when.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/core/directory.h"

#include "relais/v1/network.pb.h"

namespace relais::sdk {

/// The broker's institution id in messages that it writes itself.
inline constexpr std::string_view kBrokerId = "relais";

/// What an adapter was given out of band about the network it belongs to.
struct Pins {
  std::string network;
  base::PublicKeyBytes authority_public_key{};
  base::PublicKeyBytes broker_public_key{};
};

/// Immutable; shared between threads.
class Network {
 public:
  /// Verifies the authority's signature, then reads. network.signature; network.invalid (field names what) when it is
  /// another network, another broker, or not readable.
  static base::Result<std::shared_ptr<const Network>> verify(const v1::SignedNetwork& network, const Pins& pins);

  [[nodiscard]] const v1::NetworkDefinition& definition() const { return directory_.definition(); }
  /// The same, for the questions that the broker asks: which agreement covers what.
  [[nodiscard]] const core::Directory& directory() const { return directory_; }
  [[nodiscard]] std::uint64_t version() const { return definition().version(); }

  /// Null when there is no such institution.
  [[nodiscard]] const v1::Institution* institution(std::string_view id) const;

  /// The key of that id, if it counted at `when`. `institution` may be kBrokerId.
  [[nodiscard]] std::optional<base::PublicKeyBytes> signing_key(std::string_view institution, std::string_view key_id,
                                                                base::Instant when) const;
  [[nodiscard]] std::optional<base::PublicKeyBytes> sealing_key(std::string_view institution, std::string_view key_id,
                                                                base::Instant when) const;

  /// The sealing key to use for `institution` now: of the valid ones, that with the latest beginning. Null: none.
  [[nodiscard]] const v1::PublicKey* current_sealing_key(std::string_view institution, base::Instant now) const;

 private:
  explicit Network(v1::NetworkDefinition definition);
  core::Directory directory_;
};

/// Whether a key counts at that instant.
bool valid_at(const v1::PublicKey& key, base::Instant when);

}  // namespace relais::sdk
