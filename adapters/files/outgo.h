// From a delivered message to a record in a file of the folder `out`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/files/exchange_config.h"
#include "adapters/files/placer.h"
#include "adapters/files/post.h"
#include "adapters/mapping/loss_log.h"
#include "adapters/sdk/handler.h"
#include "broker/base/clock.h"

namespace relais::files {

/// One per institution; everything given outlives it.
///
/// take() puts a message into the spool, durably, before the broker hears that it was delivered; place() later makes
/// files of what is in the spool, each message in exactly one of them. Both may be killed at any instant.
///
/// Threads: take() on the SDK's handler thread, the others on the institution's.
class Outgo {
 public:
  Outgo(Post& post, const ExchangeConfig& config, Placer& placer);

  /// handled: it is in the spool, or there is nothing to write for this kind. retry: a folder is away or the disk full.
  /// reject: the mapping can not make a record of it; its sender is told, and our own people by a notice.
  sdk::Verdict take(const sdk::Incoming& message, base::Instant now);

  /// Writes what is due. Batches that are not full yet wait for their age.
  base::Status place(base::Instant now);

  /// Tells the senders about messages whose files the software has taken away (ReceivedWhen::taken).
  base::Status tell_taken();

  /// Spooled messages of earlier runs that became nobody's: in a file of `out` already, or of a delivery that the
  /// broker does not know of and will repeat.
  void remove_leftovers();

  /// When place() will have something to do by itself; Instant::max() when nothing waits.
  [[nodiscard]] base::Instant next_due() const { return next_due_; }

 private:
  struct Ready;
  struct Round;

  sdk::Verdict without_writer(const sdk::Incoming& message, sdk::Notes notes);
  [[nodiscard]] Reason reason_for(const sdk::Incoming& message, const RuleBroken& rule) const;
  [[nodiscard]] std::vector<Ready> ready() const;
  base::Status place_batch(const Writer& writer, std::span<const Ready> batch, base::Instant now, Round& round);
  std::string new_name(const Writer& writer, const std::string& record, base::Instant now);

  Post& post_;
  const ExchangeConfig& config_;
  Placer& placer_;
  const std::string run_;  // tells the spooled messages of this process from those of earlier ones
  const std::string ready_prefix_;
  const std::string waiting_prefix_;
  mapping::LossLog losses_;
  base::Instant next_due_ = base::Instant::max();
};

}  // namespace relais::files
