// What may be told of an exception that nobody expected.
#pragma once

#include <exception>
#include <string>

namespace relais::base {

/// Its type. Never its text: that may repeat what somebody was given.
std::string type_of(const std::exception_ptr& thrown);

}  // namespace relais::base
