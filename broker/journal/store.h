// The store under the engine: append-only history of what was decided, payloads apart from it, tables beside it.
// Positions are dense and start at 1.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/core/message_key.h"
#include "broker/core/tables.h"
#include "broker/journal/batch.h"

namespace relais::journal {

/// One journal record as stored: `hash` = BLAKE2b-256(hash of the previous record, bytes); the first follows 32 zeros.
struct StoredRecord {
  core::Position position = 0;
  base::Hash hash{};
  std::string bytes;  // serialised v1::Record
};

/// What replay and verification found at the end, or where they stopped.
struct ChainEnd {
  core::Position position = 0;
  base::Hash hash{};
};

/// Answers false to stop the replay.
using RecordVisit = std::function<bool(const StoredRecord&)>;

/// Threads: append() on one thread (the commit thread); every reading function from any thread.
/// Ownership: built by app/, outlives the engine. Implementations: RocksStore; MemoryStore; a replicated one later.
class Store {
 public:
  virtual ~Store() = default;

  /// Appends all of `batch` or nothing, and returns when it survives a crash (fdatasync). Answers the last position.
  /// broker.disk_full: nothing was appended and a later append may succeed.
  /// io.failed: nothing is known to be appended, and this object refuses every further append.
  virtual base::Result<core::Position> append(const Batch& batch) = 0;

  /// The end of what append() made durable.
  [[nodiscard]] virtual ChainEnd durable() const = 0;

  /// Table rows as of durable(). A read error stops the process.
  [[nodiscard]] virtual std::optional<std::string> get(core::TableId table, std::string_view key) const = 0;
  /// The same for several keys of a table at once, in their order: what RocksDB does for each file and each filter it
  /// does once for all of them.
  [[nodiscard]] virtual std::vector<std::optional<std::string>> get_many(core::TableId table,
                                                                         std::span<const std::string_view> keys) const;
  virtual void scan(core::TableId table, std::string_view from, std::string_view to,
                    const core::Visit& visit) const = 0;

  /// The compartments of a message; empty when it has none or they were erased.
  [[nodiscard]] virtual std::vector<std::string> payload(core::MessageKey key) const = 0;

  /// Records from `from` on, ascending, each checked against the chain before it is shown.
  /// journal.damaged (facts: position, why) at the first that does not fit; what came before was shown.
  virtual base::Result<ChainEnd> replay(core::Position from, const RecordVisit& visit) const = 0;

  /// One record; empty when there is none at that position.
  [[nodiscard]] virtual std::optional<StoredRecord> record(core::Position position) const = 0;

  /// Bytes free on the device that holds the store; the engine refuses submissions before it runs dry.
  [[nodiscard]] virtual std::uint64_t free_bytes() const = 0;
};

}  // namespace relais::journal
