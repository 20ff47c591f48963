#include "adapters/mapping/csv_rows.h"

#include <csv.h>
#include <new>

namespace relais::mapping {

namespace {

int never_space(unsigned char) { return 0; }

/// Called by libcsv, which is C: an exception must not pass through it.
void on_cell(void* bytes, std::size_t size, void* row) noexcept {
  static_cast<CsvRow*>(row)->cells.emplace_back(static_cast<const char*>(bytes), size);
}

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && is_line_end(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

struct CsvRows::Parser {
  Parser(char separator, char quote) : separator_(separator), quote_(quote) { start(); }
  ~Parser() { csv_free(&state_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  void restart() {
    csv_free(&state_);
    start();
  }

  /// False at a quote in the wrong place. Sets `ended` when the row is complete.
  bool feed(std::string_view line, CsvRow& row) {
    target_ = &row;
    ended = false;
    return csv_parse(&state_, line.data(), line.size(), on_cell_of, on_end, this) == line.size();
  }

  /// False when a quote is still open.
  bool finish(CsvRow& row) {
    target_ = &row;
    return csv_fini(&state_, on_cell_of, on_end, this) == 0;
  }

  bool ended = false;

 private:
  void start() {
    if (csv_init(&state_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_delim(&state_, static_cast<unsigned char>(separator_));
    csv_set_quote(&state_, static_cast<unsigned char>(quote_));
    csv_set_space_func(&state_, never_space);  // libcsv would trim, and the mapping decides about that
  }

  static void on_cell_of(void* bytes, std::size_t size, void* self) {
    on_cell(bytes, size, static_cast<Parser*>(self)->target_);
  }
  static void on_end(int, void* self) { static_cast<Parser*>(self)->ended = true; }

  char separator_;
  char quote_;
  csv_parser state_{};
  CsvRow* target_ = nullptr;
};

CsvRows::CsvRows(std::string_view text, char separator, char quote)
    : text_(text), parser_(std::make_unique<Parser>(separator, quote)) {}

CsvRows::~CsvRows() = default;

std::string_view CsvRows::take_line() {
  const auto start = position_;
  while (position_ < text_.size() && !is_line_end(text_[position_])) ++position_;
  if (position_ < text_.size()) {
    const bool pair = text_.substr(position_).starts_with("\r\n");
    position_ += pair ? 2 : 1;
  }
  ++line_;
  return text_.substr(start, position_ - start);
}

void CsvRows::skip_lines(std::size_t count) {
  for (; count > 0 && position_ < text_.size(); --count) static_cast<void>(take_line());
}

bool CsvRows::next(CsvRow& row) {
  row = CsvRow{};
  std::size_t start = position_;
  std::size_t after_first_line = 0;
  while (position_ < text_.size()) {
    const auto line_number = line_;
    const auto line = take_line();
    if (row.line == 0) {
      if (without_line_end(line).empty()) {
        start = position_;
        continue;
      }
      row.line = line_number;
      after_first_line = position_;
    }
    const bool good = parser_->feed(line, row) && (parser_->ended || position_ < text_.size() || parser_->finish(row));
    if (!good) {
      row.broken = true;
      row.cells.clear();
      row.raw = without_line_end(text_.substr(start, after_first_line - start));
      position_ = after_first_line;
      line_ = row.line + 1;
      parser_->restart();
      return true;
    }
    if (!parser_->ended) continue;
    row.raw = without_line_end(text_.substr(start, position_ - start));
    return true;
  }
  return false;
}

}  // namespace relais::mapping
