// Rows of a CSV text, cut by libcsv, with the lines that libcsv does not know.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace relais::mapping {

struct CsvRow {
  std::vector<std::string> cells;
  std::size_t line = 0;  // of its first character, from 1
  std::string_view raw;  // its text without the line end; of a broken row its first line
  bool broken = false;   // a quote in the wrong place, or one that is never closed; `cells` is empty
};

/// Lines end with CRLF, LF or CR; blank lines are passed over. Nothing is trimmed. After a broken row reading goes on
/// with the line after its first one, so that one stray quote costs one row.
class CsvRows {
 public:
  /// `text` is UTF-8 without null bytes and outlives this object. `quote` 0: no quoting.
  CsvRows(std::string_view text, char separator, char quote);
  ~CsvRows();
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  /// Passes over whole lines, before the first row.
  void skip_lines(std::size_t count);

  /// False at the end. `row` refers to the text.
  bool next(CsvRow& row);

 private:
  struct Parser;
  std::string_view take_line();

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;  // of position_
  std::unique_ptr<Parser> parser_;
};

}  // namespace relais::mapping
