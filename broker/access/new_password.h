// What a password has to be when somebody chooses it.
#pragma once

#include <cstddef>
#include <string_view>

#include "broker/base/result.h"

namespace relais::access {

inline constexpr std::size_t kPasswordCharactersMin = 12;

/// input.invalid: shorter than that, or longer than a login takes. `password` is UTF-8.
base::Status check_new_password(std::string_view password);

}  // namespace relais::access
