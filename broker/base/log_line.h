// How one event reads in the log: kept apart from where it is written, so that it can be tested.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "broker/base/log.h"

namespace relais::base {

/// `event="session opened" adapter=files`, or the inside of a JSON object. One line, valid UTF-8 in, valid UTF-8 out;
/// bytes that are not printable are escaped.
std::string log_line(LogFormat format, std::string_view event, std::initializer_list<LogField> fields);

}  // namespace relais::base
