// Verifies a delivery and opens what is sealed for us; or says what must become of it.
#pragma once

#include <string>
#include <variant>

#include "adapters/sdk/handler.h"
#include "adapters/sdk/keyring.h"
#include "adapters/sdk/network.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// Why a delivery does not reach the handler.
struct Unreadable {
  bool final = false;           // reject; else retry
  bool network_is_old = false;  // a newer definition may help
  std::string reason;           // code
};
using Opened = std::variant<Incoming, Unreadable>;

/// Threads: the worker's.
class Opener {
 public:
  explicit Opener(Keyring& keyring) : keyring_(keyring) {}

  /// Everything but Incoming::maybe_repeated.
  Opened open(const v1::Deliver& deliver, const Network& network);

 private:
  std::variant<OpenedContent, Unreadable> open_one(const Incoming& message, const v1::CompartmentDigest& digest,
                                                   const std::string& bytes, const Network& network);
  Keyring& keyring_;
};

}  // namespace relais::sdk
