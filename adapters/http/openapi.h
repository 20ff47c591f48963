// The gateway's own description, as built from openapi.json.
#pragma once

#include <string_view>

namespace relais::http {

std::string_view openapi();

}  // namespace relais::http
