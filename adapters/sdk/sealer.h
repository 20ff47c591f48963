// Makes a complete envelope and readable contents into a submission: sealed, signed, ready to be stored and sent.
#pragma once

#include <cstdint>
#include <span>

#include "adapters/sdk/draft.h"
#include "adapters/sdk/keyring.h"
#include "adapters/sdk/network.h"
#include "adapters/sdk/outbox.h"

namespace relais::sdk {

/// Threads: any.
class Sealer {
 public:
  explicit Sealer(Keyring& keyring) : keyring_(keyring) {}

  /// Completes `envelope` (signing key, digests). Each of `contents` names its readers. `message_bytes_max` 0: not
  /// known. key.invalid, envelope.malformed (contents), message.too_large.
  base::Result<Sealed> seal(v1::Envelope& envelope, std::span<const DraftContent> contents, const Network& network,
                            std::uint64_t message_bytes_max, base::Instant now);

 private:
  base::Result<std::string> seal_content(const v1::Envelope& envelope, const DraftContent& content,
                                         std::span<const std::string> recipients, const Network& network,
                                         base::Instant now);
  Keyring& keyring_;
};

}  // namespace relais::sdk
