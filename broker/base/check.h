// Checks against our own bugs; they stay on in release and stop the process. Never for input from outside.
#pragma once

#include <source_location>
#include <string_view>

namespace relais::base {

[[noreturn]] void fail_check(std::string_view what, const std::source_location& where);

/// `what` names the invariant and never holds data of a message.
inline void check(bool holds, std::string_view what,
                  const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    fail_check(what, where);
}

}  // namespace relais::base
