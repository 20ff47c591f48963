// Submissions on disk until the broker has promised them, or refused them for good.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/store.h"

#include "relais/v1/adapter_store.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// The order of submissions; grows by one, never given twice.
using Sequence = std::uint64_t;

/// A submission that is ready to be stored.
struct Sealed {
  v1::OutboxEntry entry;
  std::string submit;     // serialised v1::Submit: what is sent, unchanged, until it is answered
  bool unrouted = false;  // `submit` is a draft kept for ourselves; nothing is sent until route() brings the real one
};

struct OutboxLimits {
  std::uint64_t bytes_max = 0;
  std::uint64_t disk_reserve_bytes = 0;
};

/// Threads: any. `store` and `clock` outlive it.
class Outbox {
 public:
  Outbox(Store& store, OutboxLimits limits, const base::Clock& clock);

  /// outbox.full: no room for so many bytes more.
  [[nodiscard]] base::Status has_room(std::uint64_t bytes) const;

  /// Writes `sealed` after what is there, together with `change`. They are sent after the next release().
  /// Those with a repeatable id that was submitted before are left out. io.failed.
  base::Status append(Change change, std::vector<Sealed> sealed);

  /// Syncs, and lets everything appended before go out. io.failed.
  base::Status release();

  /// Entries after `after` that may be sent, ascending; `visit` answers false to stop.
  using Visit = std::function<bool(Sequence sequence, v1::OutboxEntry&& entry)>;
  void scan(Sequence after, const Visit& visit) const;
  [[nodiscard]] Sequence released() const { return released_.load(); }

  /// The stored Submit; empty when it was settled meanwhile.
  [[nodiscard]] std::optional<std::string> submit(Sequence sequence) const;

  /// Submissions without a recipient, ascending and released; `visit` answers false to stop.
  using VisitUnrouted = std::function<bool(Sequence sequence, std::string_view submit)>;
  void scan_unrouted(const VisitUnrouted& visit) const;
  [[nodiscard]] bool is_unrouted(Sequence sequence) const;
  [[nodiscard]] std::uint64_t unrouted() const { return unrouted_.load(); }

  /// Two steps, so that only bytes that are on the disk can go out: address() writes them, and syncs; routed() then
  /// lets them go. Killed in between, the scan shows the submission again, with its recipient. io.failed.
  base::Status address(Change change, std::span<const std::pair<Sequence, std::string>> submits);
  base::Status routed(std::span<const Sequence> sequences);
  [[nodiscard]] std::optional<v1::OutboxEntry> entry(Sequence sequence) const;

  /// Adds to `change` that these are over; call forget() once it is written.
  static void settle(Change& change, Sequence sequence);
  void refuse(Change& change, Sequence sequence, const v1::OutboxEntry& entry, const v1::Refused& refusal) const;
  void forget(const v1::OutboxEntry& entry, bool refused);
  /// The same for one that was refused before it had a recipient, beside the two above.
  static void settle_unrouted(Change& change, Sequence sequence);
  void forget_unrouted() { --unrouted_; }

  [[nodiscard]] bool was_submitted(std::string_view message_id) const;

  [[nodiscard]] std::vector<RefusedMessage> refused(std::size_t count) const;
  base::Status forget_refused(const base::MessageId& message);

  [[nodiscard]] std::uint64_t messages() const { return messages_.load(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(); }
  [[nodiscard]] std::uint64_t refused_messages() const { return refused_.load(); }
  [[nodiscard]] std::optional<base::Instant> oldest() const;

 private:
  Store& store_;
  const OutboxLimits limits_;
  const base::Clock& clock_;
  std::mutex append_mutex_;  // the order of sequence numbers is the order of writes
  Sequence last_ = 0;        // under append_mutex_
  std::atomic<Sequence> written_{0};
  std::atomic<Sequence> released_{0};
  mutable std::atomic<Sequence> oldest_from_{0};  // nothing is below
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> unrouted_{0};
};

}  // namespace relais::sdk
