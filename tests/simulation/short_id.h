// An id as a failing check names it.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/ids.h"

namespace relais::simulation {

inline std::string short_id(std::string_view id) { return base::hex(id).substr(0, 8); }

}  // namespace relais::simulation
