// What a value of a type must look like. libical reads what begins like one, and makes up the rest.
#pragma once

#include <string_view>

namespace relais::calendar {

/// Whether `value`, as written, a list or a single one, is of the form that RFC 5545 gives to `type` ("DATE",
/// "DATE-TIME", "TIME", "DURATION", "INTEGER", "FLOAT", "BOOLEAN", "UTC-OFFSET", "GEO"), and within its bounds. Types
/// without a form of their own: true.
bool has_form(std::string_view type, std::string_view value);

}  // namespace relais::calendar
