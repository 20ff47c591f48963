// The one durable database of an adapter: areas of keys and values, written atomically across areas.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::sdk {

/// Names on disk (store.cpp): never rename, only add.
enum class Area : std::uint8_t {
  meta,       // format; the newest network definition
  entries,    // sequence -> OutboxEntry
  submits,    // sequence -> serialised Submit
  refused,    // sequence -> RefusedEntry
  handled,    // recipient, 0, message id -> StoredMark
  begun,      // the same key -> StoredMark: the handler was called and no outcome is noted
  submitted,  // message id -> StoredMark, of submissions with an id of the caller's choice
  referrals,  // referral id -> StoredReferral
  notes,      // the connector's own
  unrouted,   // sequence -> nothing: this submission has no recipient yet (see Sealer::keep)
};

/// Writes that happen together or not at all.
class Change {
 public:
  struct Step {
    Area area;
    std::string key;
    std::optional<std::string> value;  // none: erase
  };

  void put(Area area, std::string_view key, std::string value) {
    steps_.push_back({area, std::string(key), std::move(value)});
  }
  void erase(Area area, std::string_view key) { steps_.push_back({area, std::string(key), std::nullopt}); }

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

/// Marks older than this are dropped when the database tidies up. A message handled longer ago would be handled again;
/// the broker gives up on a delivery after days, and refuses envelopes older than 90 days.
inline constexpr base::Milliseconds kMarkAge{400LL * 86'400'000};

/// Threads: any. A read that the disk refuses stops the process; a write answers io.failed, and the next one tries to
/// bring the database back first, so that a disk that has room again needs no restart.
class Store {
 public:
  /// Makes the folder when it is missing (its parent must exist). `clock` outlives the store. io.failed,
  /// journal.version.
  static base::Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, const base::Clock& clock);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] std::optional<std::string> get(Area area, std::string_view key) const;
  [[nodiscard]] bool contains(Area area, std::string_view key) const { return get(area, key).has_value(); }

  /// Keys from `from` on, ascending, as they are now; `visit` answers false to stop. Views are valid during the call.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  void scan(Area area, std::string_view from, const Visit& visit) const;

  /// Survives the end of the process when it returns; survives the end of the machine after the next sync().
  base::Status write(const Change& change);

  /// Everything that write() was given before is on the disk. Threads that wait together share one sync.
  base::Status sync();

  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::uint64_t free_bytes() const;

  /// Drops what is old now instead of when the database finds the time.
  void tidy();

 private:
  class Database;
  Store(std::filesystem::path folder, std::unique_ptr<Database> database);
  base::Status refuse_write(const std::string& why);

  const std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  mutable std::mutex mutex_;
  std::condition_variable synced_changed_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;
  bool syncing_ = false;
  bool failed_ = false;
};

/// Fixed width, so that the order of the bytes is the order of the numbers.
std::string sequence_key(std::uint64_t sequence);
std::uint64_t sequence_of(std::string_view key);

}  // namespace relais::sdk
