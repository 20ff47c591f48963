// Personal content as JSON, one object per category: {"identity": {"family_name": ...}, "contact": {...}}.
// The names are those of content.proto.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/message.h"
#include "broker/base/result.h"

namespace relais::postgres {

/// compartment.malformed (field names the category) when a content is not what its category says.
base::Result<std::string> contents_to_json(const std::vector<mapping::Content>& contents);

/// In ascending category, without empty ones. input.invalid whose field names the category at fault, never a value.
base::Result<std::vector<mapping::Content>> contents_from_json(std::string_view json);

}  // namespace relais::postgres
