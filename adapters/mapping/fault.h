// What is wrong with a record, with a whole document, or with a mapping file. No fault ever holds a value of a cell.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "adapters/mapping/message.h"

namespace relais::mapping {

/// A fault of a document or of one of its records.
struct Fault {
  std::string rule;        // stable code of the catalogue in rule.h, e.g. "date.format"
  std::string field;       // column name, XPath, JSON pointer; empty when the fault has no field
  std::size_t line = 0;    // from 1; 0: unknown
  std::size_t column = 0;  // ordinal of the column (CSV) or of the first character (fixed width, XML, JSON); 0: unknown
  std::string english;     // a sentence for a person
  std::string french;
};

/// One record that makes no message. `faults` holds all its faults, at least one.
struct Reject {
  Place place;
  std::vector<Fault> faults;
  std::string raw;  // the record's text as UTF-8, personal: for the rejects folder only, never for a log
};

/// A fault of the mapping file itself.
struct MappingFault {
  std::string file;
  std::size_t line = 0;
  std::string key;      // "in.fields[3].to"
  std::string problem;  // a sentence
  std::string allowed;  // what would be right; may be empty
};

/// "file:line: key: problem; allowed: ..."
std::string text(const MappingFault& fault);

/// "file:line column: field: sentence [rule]"
std::string text(const Place& place, const Fault& fault);

}  // namespace relais::mapping
