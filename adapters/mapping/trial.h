// `relaisctl mapping test MAPPING SAMPLE`: what a mapping makes of a sample, without sending anything.
#pragma once

#include <filesystem>
#include <string>

namespace relais::mapping {

/// `report` shows the values of the sample: it is the IT team's own, on their own screen.
struct Trial {
  std::string report;  // text for a person, or one JSON object
  bool good = false;   // the mapping loads, the document is read, and no record is rejected
};

/// For a mapping of format sql the sample is a JSON array of objects, column to text or null.
Trial try_mapping(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json);

/// Only loads the mapping: the report lists all its faults.
Trial check_mapping(const std::filesystem::path& mapping, bool as_json);

}  // namespace relais::mapping
