// How an adapter is doing, for people, probes and Prometheus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/base/clock.h"

namespace relais::sdk {

/// A snapshot. Counters count since open().
struct Health {
  bool connected = false;  // a session is open
  std::string endpoint;    // of it, or the one being tried
  bool draining = false;   // the broker announced that it stops
  std::optional<base::Instant> last_contact;
  std::uint64_t network_version = 0;  // 0: none known, nothing can be sealed
  std::uint64_t outbox_messages = 0;  // without a receipt
  std::uint64_t outbox_bytes = 0;
  std::optional<base::Instant> outbox_oldest;  // when the first of them was submitted
  std::uint64_t refused_messages = 0;          // in the refused area now
  std::uint64_t submitted = 0;
  std::uint64_t receipts = 0;
  std::uint64_t refusals = 0;  // final ones
  std::uint64_t refusals_retried = 0;
  std::uint64_t received = 0;  // deliveries
  std::uint64_t handled = 0;
  std::uint64_t repeated = 0;  // acknowledged without calling the handler again
  std::uint64_t retried = 0;
  std::uint64_t rejected = 0;
  std::uint64_t sessions = 0;     // opened
  std::uint64_t not_carried = 0;  // values that the connector's mapping had no place for, either way
  std::string last_error;         // code of the last thing that went wrong; empty: nothing did
  std::optional<base::Instant> last_error_at;
  bool store_failed = false;  // the disk refused a write; only a restart helps

  /// Messages flow: connected, with a network definition and a disk that takes writes.
  [[nodiscard]] bool ready() const { return connected && network_version != 0 && !store_failed; }
};

}  // namespace relais::sdk
