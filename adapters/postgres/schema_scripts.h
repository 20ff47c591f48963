// The scripts of the folder schema/, built in: the first brings an empty schema to version 1, the second to 2, ...
#pragma once

#include <span>
#include <string_view>

namespace relais::postgres {

std::span<const std::string_view> schema_scripts();

}  // namespace relais::postgres
