// Asks whoever sits there for a password.
#pragma once

#include <string>

#include "broker/base/result.h"

namespace relais::cli {

/// Twice at a terminal, where it is not shown; else the first line of standard input, for scripts. input.invalid
/// (password) when the two differ, or it is shorter than 12 characters or longer than 512 bytes.
base::Result<std::string> ask_new_password();

}  // namespace relais::cli
