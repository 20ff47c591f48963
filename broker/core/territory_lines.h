// config/territories/communes.txt, as the build put it into the program.
#pragma once

#include <span>
#include <string_view>

namespace relais::core {

std::span<const std::string_view> territory_lines();

}  // namespace relais::core
