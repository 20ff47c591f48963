// What the recordings of this folder are made of.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "broker/base/ids.h"

namespace relais::tests {

/// "name: bytes in hexadecimal".
inline std::string recorded_line(std::string_view name, std::string_view bytes) {
  return fmt::format("{}: {}\n", name, base::hex(bytes));
}

}  // namespace relais::tests
