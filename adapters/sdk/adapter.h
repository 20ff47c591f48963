// The one door between a connector and the broker. See README.md for a complete minimal adapter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/adapter_config.h"
#include "adapters/sdk/draft.h"
#include "adapters/sdk/handler.h"
#include "adapters/sdk/health.h"
#include "adapters/sdk/local_store.h"
#include "adapters/sdk/network.h"
#include "adapters/sdk/notes.h"
#include "broker/base/clock.h"
#include "broker/base/ids.h"
#include "broker/base/result.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// A referral that passed through this adapter and whose loop is not closed: what a further message about it repeats.
struct KnownReferral {
  std::string referral_id;  // 16 bytes
  std::string case_id;
  std::string sender;     // of the referral
  std::string recipient;  // empty while the broker is asked who takes it
  std::string purpose;
  v1::Priority priority = v1::PRIORITY_UNSPECIFIED;
  bool exercise = false;
  std::string principal = {};  // that the sender acts for; empty: itself
};

/// A submission that the broker refused for good.
struct RefusedMessage {
  base::MessageId message_id;
  v1::Envelope envelope;
  v1::Refused refusal;
  base::Instant refused_at{};
};

/// Threads: open(), start(), stop() from one thread; everything else from any, between open() and destruction.
/// Life: the constructor starts nothing. `handler` and `clock` outlive the adapter.
class Adapter {
 public:
  Adapter(AdapterConfig config, Handler& handler, const base::Clock& clock);
  ~Adapter();
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  /// Opens the store: from now on submit() and store() work. Idempotent; start() does it when nobody did.
  /// io.failed when data_dir can not be used or another process has it open; journal.version when a newer version of
  /// the SDK wrote it.
  base::Status open();

  /// Connects, in the background, and begins to deliver. open()'s errors, and io.failed when the health port is taken.
  base::Status start();

  /// Finishes the handler's present call, says goodbye and ends the threads. Idempotent; the adapter is not started
  /// again. What waits in the outbox stays. store() and submit() still work.
  void stop();

  /// Seals, signs and writes to the durable outbox, together with `notes`; synced when it returns. Never waits for the
  /// broker. The second form writes all drafts and notes in one atomic write with one sync: use it for bulk.
  /// Order: messages of one case are sent in the order of submit(), each after the one before has its receipt or its
  /// final refusal; different cases do not wait for each other.
  /// Refusals, nothing is written then; `field` begins with "drafts[i]." in the second form:
  ///   network.none         no network definition yet: wait for the first connection (retry)
  ///   outbox.full          outbox_bytes_max or disk_reserve_bytes is reached (retry)
  ///   io.failed            the disk (retry; whether it was written is then only certain after a restart: give
  ///                        message ids of your own, and repeating is safe)
  ///   identity.not_served  the sender is not an institution of this adapter, or none is named and it serves several
  ///   route.none           the network has no such recipient
  ///   key.invalid          no valid key of the sender or of a recipient
  ///   envelope.malformed   something is missing that can not be filled in, or does not fit
  ///   message.too_large    beyond the broker's limit, as far as it is known
  base::Result<base::MessageId> submit(const Draft& draft, const Notes& notes = {});
  base::Result<std::vector<base::MessageId>> submit(std::span<const Draft> drafts, const Notes& notes = {});

  /// Whether this message, with an id chosen by the caller, was submitted and not refused for good.
  [[nodiscard]] bool was_submitted(const base::MessageId& message) const;

  [[nodiscard]] std::optional<KnownReferral> known_referral(std::string_view referral_id) const;

  /// Asks the broker. not.found; io.failed without an answer within `patience` (retry).
  base::Result<v1::ReferralView> referral(std::string_view referral_id,
                                          std::chrono::milliseconds patience = std::chrono::seconds(10));
  base::Result<v1::MessageView> message(std::string_view message_id,
                                        std::chrono::milliseconds patience = std::chrono::seconds(10));

  /// Who takes part, who leads, what was agreed to, what was shared and what withheld. The lead sees every referral of
  /// the case. not.found for anybody who takes no part.
  base::Result<v1::CaseView> parcours(std::string_view case_id,
                                      std::chrono::milliseconds patience = std::chrono::seconds(10));

  /// Free places, soonest first; `query.institution`, who asks, may be empty when the adapter serves only one.
  /// agreement.* (of the host that is named), slot.search_too_wide, input.invalid, purpose.unknown, route.none,
  /// not.found (the service), identity.*; io.failed without an answer within `patience` (retry).
  base::Result<v1::SlotsAnswer> slots(v1::SlotsQuery query,
                                      std::chrono::milliseconds patience = std::chrono::seconds(10));

  [[nodiscard]] LocalStore& store();

  /// The definition in use; null until the first one arrived. It survives restarts.
  [[nodiscard]] std::shared_ptr<const Network> network() const;

  /// Waits until a network definition is there (or stop() is called); false when it is not after `patience`.
  bool wait_for_network(std::chrono::milliseconds patience) const;

  [[nodiscard]] Health health() const;

  /// For Health::not_carried: the connector's mapping had no place for that many values.
  void count_not_carried(std::uint64_t values);

  /// Refused submissions, oldest first, at most `count`; forget_refused() once a person has seen one. not.found.
  [[nodiscard]] std::vector<RefusedMessage> refused(std::size_t count = 1'000) const;
  base::Status forget_refused(const base::MessageId& message);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace relais::sdk
