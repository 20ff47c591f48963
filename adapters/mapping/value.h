// From what a source holds to the text form of a field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/source.h"

namespace relais::mapping {

struct Values {
  std::vector<std::string> texts;  // none: the field has no value here
  Spot spot;                       // of the first value, or of where it would be
};

/// The values of one field of one record. `several`: the field is a list. What is wrong goes to `faults`.
Values take_values(SourceRecord& record, const Intake& intake, const InPlan& plan, bool several,
                   std::vector<Fault>& faults);

/// Does the condition hold for this record? True without one.
bool holds(SourceRecord& record, const std::optional<Condition>& condition, const InPlan& plan);

/// The single value of a selector, trimmed, empty when there is none or it is a word for none.
std::string plain_value(SourceRecord& record, const Selector& selector, const InPlan& plan, Spot& spot);

/// "-0012 345,60" with ',' is "-12345.60"; empty when it is no such number.
std::optional<std::string> decimal_text(std::string_view text, char sign);

}  // namespace relais::mapping
