// Small durable memory for a connector's own notes, in the same database as outbox and inbox, so that a note and a
// submission can be one fact.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/sdk/notes.h"
#include "broker/base/result.h"

namespace relais::sdk {

class Store;

/// Keys and values are bytes: keys up to 1 KiB, values up to 1 MiB (more is a bug and stops the process). Use a prefix
/// for each purpose ("file/..."); prefixes starting with '~' are the SDK's (Links). Not encrypted: no personal
/// contents.
///
/// Threads: any. Life: owned by the Adapter, usable between its open() and its destruction.
/// A disk that can not be read stops the process: nothing sensible can be done without the memory of what was done.
class LocalStore {
 public:
  explicit LocalStore(Store& store) : store_(store) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;

  /// All notes or none, on disk (synced) when it returns. io.failed: none.
  base::Status write(const Notes& notes);
  base::Status put(std::string_view key, std::string_view value);
  base::Status erase(std::string_view key);

  /// Entries whose key begins with `prefix`, ascending, as they are now; `visit` answers false to stop. The views are
  /// valid during the call; `visit` may write to the store.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  void scan(std::string_view prefix, const Visit& visit) const;

 private:
  Store& store_;
};

}  // namespace relais::sdk
