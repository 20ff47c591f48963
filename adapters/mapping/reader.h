// One record to its messages.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/result.h"
#include "adapters/mapping/source.h"

namespace relais::mapping {

/// "referral_accepted appointment_booked" are two kinds, "none" is no kind; empty when a word is neither.
std::optional<std::vector<Body>> kinds_of(std::string_view words);

/// A message with the plain paths that were given a value.
struct ReadMessage {
  MappedMessage message;
  std::set<std::string> filled;
};

/// All messages of the record, or, when `faults` is not empty afterwards, none that may be used.
std::vector<ReadMessage> read_record(SourceRecord& record, const InPlan& plan, std::vector<Fault>& faults);

/// The whole document.
ReadResult read_document(Source& source, const InPlan& plan);

}  // namespace relais::mapping
