// The chain of hashes that makes the journal tamper-evident: each record's hash covers the hash before it.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/journal/store.h"

namespace relais::journal {

/// BLAKE2b-256 of the previous record's hash followed by this record's bytes.
base::Hash next_hash(const base::Hash& previous, std::string_view bytes);

/// journal.damaged at `position`.
base::Refusal damaged(core::Position position, std::string why);

/// Walks along a chain from a known link.
class ChainCheck {
 public:
  explicit ChainCheck(const ChainEnd& start) : end_(start) {}

  /// journal.damaged, naming the position that was expected, when the record is not the next one or its hash differs.
  base::Status accept(core::Position position, const base::Hash& hash, std::string_view bytes);

  /// The last record accepted.
  [[nodiscard]] const ChainEnd& end() const { return end_; }

 private:
  ChainEnd end_;
};

/// Reads every record from the first on and answers the end of the chain.
/// journal.damaged at the first record that is missing, altered or unreadable, or when the end is not durable()'s.
base::Result<ChainEnd> verify_chain(const Store& store);

}  // namespace relais::journal
