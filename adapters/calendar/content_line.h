// The lines of an iCalendar text (RFC 5545, 3.1): unfolded, taken apart, and each with its place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relais::calendar {

/// Where a text is wrong, and by which rule; never a value of it. `line` 0 and no property: the text as a whole.
struct IcalFault {
  std::string rule;  // code: "line.malformed", "value.malformed", "event.recurring", ...
  std::size_t line = 0;
  std::string property;
};

/// "line 12, DTSTART: value.malformed"
std::string text(const IcalFault& fault);

struct Parameter {
  std::string name;                 // upper case
  std::vector<std::string> values;  // without quotes; ^n, ^^ and ^' are read (RFC 6868)
};

struct ContentLine {
  std::size_t line = 0;  // of its beginning, from 1
  std::string name;      // upper case
  std::vector<Parameter> parameters;
  std::string value;  // as written
  std::string whole;  // unfolded, as written
};

/// Line ends may be CRLF or LF; empty lines are passed over. Faults: text.too_large, text.encoding, text.control,
/// line.folding, line.malformed, line.no_value, parameter.malformed.
std::variant<std::vector<ContentLine>, IcalFault> read_content_lines(std::string_view bytes);

/// Upper case of ASCII letters: names of properties, parameters and components.
std::string upper(std::string_view name);

}  // namespace relais::calendar
