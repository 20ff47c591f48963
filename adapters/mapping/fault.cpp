#include "adapters/mapping/fault.h"

namespace relais::mapping {

namespace {

void add_number(std::string& text, std::string_view word, std::size_t number) {
  if (number != 0) text.append(word).append(std::to_string(number));
}

}  // namespace

std::string text(const MappingFault& fault) {
  std::string said = fault.file;
  add_number(said, ":", fault.line);
  said += ": ";
  if (!fault.key.empty()) said += fault.key + ": ";
  said += fault.problem;
  if (!fault.allowed.empty()) said += "; allowed: " + fault.allowed;
  return said;
}

std::string text(const Place& place, const Fault& fault) {
  std::string said = place.file;
  add_number(said, ":", fault.line != 0 ? fault.line : place.line);
  if (place.line == 0 && fault.line == 0) add_number(said, " record ", place.record);
  if (!place.element.empty()) said += " " + place.element;
  add_number(said, " column ", fault.column);
  said += ": ";
  if (!fault.field.empty()) said += fault.field + ": ";
  return said + fault.english + " [" + fault.rule + "]";
}

}  // namespace relais::mapping
