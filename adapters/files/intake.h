// From a claimed file to submitted messages, rejects and the archive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "adapters/files/claims.h"
#include "adapters/files/exchange_config.h"
#include "adapters/files/placer.h"
#include "adapters/files/post.h"
#include "adapters/mapping/loss_log.h"
#include "broker/base/clock.h"

namespace relais::files {

/// One per institution, on its thread; everything given outlives it.
///
/// Killed at any instant and asked again for the same claim, it goes on after the last row that was submitted: rows and
/// the note of how far it came are one atomic write. A file with the same content as one read before is not read again
/// (rows that are events), or only its changed rows count (rows that are states).
class Intake {
 public:
  Intake(Post& post, const ExchangeConfig& config, Placer& placer);

  /// True: the claim is over, its file archived or rejected. A refusal: not now (the code says why; `changing`:
  /// somebody still writes it); ask again later, nothing was lost or repeated.
  base::Status process(const Claim& claim);

  struct Counts {
    std::uint64_t files = 0;
    std::uint64_t files_rejected = 0;
    std::uint64_t messages = 0;
    std::uint64_t rows_rejected = 0;
    std::uint64_t rows_unchanged = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Work;

  base::Result<std::string> read(const Claim& claim);
  base::Status reject_whole(const Claim& claim, const std::vector<Reason>& reasons);
  base::Status send(Work& work);
  base::Status send_batch(Work& work, std::size_t records_max, std::size_t& taken);
  base::Status reject_record(Work& work, std::size_t record, const RuleBroken& rule);
  base::Status finish(Work& work);
  base::Status place_rejects(Work& work, const sdk::Note& done);
  void write_report(const Work& work) const;

  Post& post_;
  const ExchangeConfig& config_;
  Placer& placer_;
  mapping::LossLog losses_;
  Counts counts_;
};

}  // namespace relais::files
