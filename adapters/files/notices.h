// What the institution's own people must see though no record of their software has a place for it: refusals of the
// broker, messages that did not arrive or can not be written. One table per round of work in `rejects`.
#pragma once

#include <string>
#include <string_view>

#include "adapters/files/exchange_config.h"
#include "adapters/files/placer.h"
#include "adapters/files/post.h"
#include "adapters/files/reject_report.h"
#include "broker/base/clock.h"

namespace relais::files {

/// A note that makes the next round tell `reason`, once for each `about` (a message id).
sdk::Note notice_note(std::string_view institution, std::string_view about, const Reason& reason);

/// One per institution, on its thread; everything given outlives it.
class Notices {
 public:
  Notices(Post& post, const ExchangeConfig& config, Placer& placer);

  /// Writes what is to be told, if anything, and forgets it in the same step.
  base::Status tell(base::Instant now);

 private:
  struct Table;

  void add_noted(Table& table) const;
  void add_refused(Table& table);

  Post& post_;
  const ExchangeConfig& config_;
  Placer& placer_;
};

}  // namespace relais::files
