// What people of the institution find in the folder `rejects`: the records that were not sent, as a file of the same
// format, and beside it the reasons.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/fault.h"
#include "adapters/mapping/mapping.h"

namespace relais::files {

/// One reason why one record, one message or one file was not sent, or did not arrive.
struct Reason {
  std::string file;        // the software's own name for it, or ours for what we could not write
  std::size_t line = 0;    // 0: unknown
  std::size_t record = 0;  // ordinal in the file; 0: the file as a whole
  std::size_t column = 0;
  std::string place;  // XML path, JSON pointer
  std::string field;
  std::string rule;  // stable code: of the mapping, of this adapter, or of the broker's catalogue
  std::string french;
  std::string english;
  std::string reference;  // the software's own number of the referral, when there is one
  std::string referral;   // Relais' id of it
};

/// A table for a spreadsheet: UTF-8 with mark, ";", CRLF.
std::string reasons_table(std::span<const Reason> reasons);

/// The reasons of one fault of a document or a record.
Reason reason_of(const mapping::Place& place, const mapping::Fault& fault);

/// The records given, as a document of the same format as `original` that can be corrected and dropped again: CSV and
/// fixed width keep its encoding and the lines before the first record (`first_line`), XML the root element (without
/// what else stood in it), JSON one object to a line or a list. XML and JSON are UTF-8.
std::string rejected_document(mapping::Format format, std::string_view original, const std::string& encoding,
                              std::size_t first_line, std::span<const std::string> records);

}  // namespace relais::files
