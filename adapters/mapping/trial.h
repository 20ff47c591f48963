// `relaisctl mapping test MAPPING SAMPLE`: what a mapping makes of a sample, without sending anything.
#pragma once

#include <filesystem>
#include <string>

namespace relais::mapping {

/// `report` shows the values of the sample: it is the IT team's own, on their own screen.
struct Trial {
  std::string report;  // text for a person, or one JSON object
  bool good = false;   // the mapping loads, the sample is read, and nothing is rejected
};

/// Direction in: the sample is a document; for format sql a JSON list of objects, column to text or null.
Trial try_reading(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json);

/// Direction out: the sample is a JSON list of messages, in the form that try_reading() reports them in.
Trial try_writing(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json);

/// The direction that the mapping has; in when it has both.
Trial try_mapping(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json);

/// Only loads the mapping: the report lists all its faults.
Trial check_mapping(const std::filesystem::path& mapping, bool as_json);

}  // namespace relais::mapping
