// Why this adapter does not send a file or a row that the mapping could read. Codes are stable; README.md lists them.
#pragma once

#include <string>
#include <string_view>

#include "adapters/files/reject_report.h"
#include "broker/base/refusal.h"

#include "relais/v1/refusal.pb.h"

namespace relais::files {

/// A reason that has no place yet.
struct RuleBroken {
  std::string rule;
  std::string french;
  std::string english;
};

/// `code` is one of the catalogue in the .cpp. `detail` takes the place of {}: a code, an id of ours or a date.
RuleBroken broken(std::string_view code, std::string_view detail = {});

/// What the SDK or the broker refused, in its own words.
RuleBroken broken(const base::Refusal& refusal);
RuleBroken broken(const v1::Refused& refusal);

Reason reason_of(const RuleBroken& rule, const mapping::Place& place);

}  // namespace relais::files
