// The trace of a message, as it stands in log lines.
#pragma once

#include <string_view>

namespace relais::base {

/// The 32 hexadecimal digits in the middle of a W3C traceparent of version 00; "-" of anything else. A view into
/// `trace_parent`.
std::string_view trace_id(std::string_view trace_parent);

}  // namespace relais::base
