// Makes a complete envelope and readable contents into a submission: sealed, signed, ready to be stored and sent.
#pragma once

#include <cstdint>
#include <span>

#include "adapters/sdk/draft.h"
#include "adapters/sdk/keyring.h"
#include "adapters/sdk/network.h"
#include "adapters/sdk/outbox.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// Threads: any.
class Sealer {
 public:
  explicit Sealer(Keyring& keyring) : keyring_(keyring) {}

  /// Completes `envelope`: fallbacks, what is withheld, signing key, digests. `message_bytes_max` 0: not known.
  /// key.invalid, envelope.malformed (contents), message.too_large.
  base::Result<Sealed> seal(v1::Envelope& envelope, std::span<const DraftContent> drafted, const Network& network,
                            std::uint64_t message_bytes_max, base::Instant now);

  /// The draft of a referral that has no recipient yet, sealed for its own sender: it waits on the disk, and nothing of
  /// it can be read there. key.invalid, envelope.malformed, message.too_large.
  base::Result<Sealed> keep(const v1::Envelope& envelope, std::span<const DraftContent> contents,
                            const Network& network, std::uint64_t message_bytes_max, base::Instant now);

  /// What keep() sealed. key.invalid when the key is not ours any more; compartment.*.
  base::Result<std::vector<DraftContent>> kept_contents(const v1::Envelope& envelope, const v1::Submit& kept);

 private:
  base::Result<std::string> seal_content(const v1::Envelope& envelope, const DraftContent& content,
                                         std::span<const std::string> recipients, const Network& network,
                                         base::Instant now);
  Keyring& keyring_;
};

}  // namespace relais::sdk
