// The catalogue of rules that a record or a document can break. Codes are stable; docs/mapping.md and the reports list
// them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "adapters/mapping/fault.h"

namespace relais::mapping {

struct Rule {
  std::string_view code;
  std::string_view english;  // {} stands for the detail
  std::string_view french;
};

std::span<const Rule> rules();

/// Where a fault is. `field` names a column, path or pointer: text of the mapping or of the document's structure.
struct Spot {
  std::string field;
  std::size_t line = 0;
  std::size_t column = 0;
};

/// `detail` is a number, a code or a name: never a value. Every code is in the catalogue.
Fault make_fault(std::string_view code, Spot spot, std::string_view detail = {});

}  // namespace relais::mapping
