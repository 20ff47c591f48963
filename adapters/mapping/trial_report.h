// The parts of a trial's report: JSON, and the same as text.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "adapters/mapping/mapping.h"

namespace relais::mapping {

nlohmann::ordered_json faults_json(const std::vector<MappingFault>& faults);
nlohmann::ordered_json reading_json(const Mapping& mapping, const std::string& sample, const ReadResult& result);
nlohmann::ordered_json writing_json(const Mapping& mapping, const std::string& sample, const WriteResult& result);

std::string faults_text(const std::vector<MappingFault>& faults);
std::string reading_text(const Mapping& mapping, const std::string& sample, const ReadResult& result);
std::string writing_text(const Mapping& mapping, const std::string& sample, const WriteResult& result);

}  // namespace relais::mapping
