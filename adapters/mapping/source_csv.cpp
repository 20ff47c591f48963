#include <algorithm>
#include <map>

#include "adapters/mapping/csv_rows.h"
#include "adapters/mapping/source.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kBrokenRowsMax = 100;
constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

/// The columns of a document: names, and which one each selector means.
struct Columns {
  std::vector<std::string> names;    // "column 3" without header or name
  std::vector<std::size_t> by_slot;  // kNoColumn: optional and missing
  std::size_t needed = 0;            // cells that a row must have when there is no header
};

class CsvRecord final : public SourceRecord {
 public:
  CsvRecord(const InPlan& plan, const Columns& columns, CsvRow row)
      : plan_(&plan), columns_(&columns), row_(std::move(row)), carried_(row_.cells.size()) {}

  std::vector<Found> find(const Selector& selector, bool take) override {
    const auto column = columns_->by_slot[selector.slot];
    if (column == kNoColumn) return {{{}, true, false, {selector.text, row_.line, 0}}};
    const Spot spot{columns_->names[column], row_.line, column + 1};
    if (column >= row_.cells.size()) return {{{}, true, false, spot}};
    if (take) carried_[column] = true;
    return {{row_.cells[column], false, false, spot}};
  }

  std::string raw() const override { return std::string(row_.raw); }

  void collect_lost(std::set<std::string>& fields) const override {
    for (std::size_t i = 0; i < row_.cells.size() && i < columns_->names.size(); ++i)
      if (!carried_[i] && has_value(row_.cells[i], *plan_)) fields.insert(columns_->names[i]);
  }

 private:
  const InPlan* plan_;
  const Columns* columns_;
  CsvRow row_;
  std::vector<bool> carried_;
};

class CsvSource final : public Source {
 public:
  explicit CsvSource(const SourceInput& input) : plan_(&input.plan), file_(input.file) {
    auto text = decode_for(input, *this);
    if (!text) return;
    text_ = std::move(*text);
    rows_ = std::make_unique<CsvRows>(text_, input.plan.csv.separator, input.plan.csv.quote);
    rows_->skip_lines(input.plan.csv.skip_lines);
    if (input.plan.csv.header) read_header();
    resolve();
  }

  std::unique_ptr<SourceRecord> next() override {
    CsvRow row;
    while (faults.empty() && !closed_ && rows_->next(row)) {
      if (row.broken) return broken(std::move(row));
      if (is_trailer(row)) {
        trailer_ = std::move(row.cells);
        closed_ = true;
        break;
      }
      const bool blank = std::ranges::all_of(row.cells, [](const std::string& cell) { return trimmed(cell).empty(); });
      if (!blank) return record(std::move(row));
    }
    return nullptr;
  }

  std::optional<std::string> expected(const Control& control) override {
    const auto column = control.expected.number;
    if (column > trailer_.size()) return std::nullopt;
    return trailer_[column - 1];
  }

 private:
  void read_header() {
    CsvRow row;
    if (!rows_->next(row) || row.broken) {
      faults.push_back(make_fault("csv.missing_column", {{}, row.line, 0}));
      return;
    }
    header_line_ = row.line;
    raw_header = row.raw;
    for (const auto& cell : row.cells) columns_.names.emplace_back(trimmed(cell));
  }

  void resolve() {
    if (!faults.empty()) return;
    for (const auto& selector : plan_->selectors) {
      if (selector.number != 0) {
        columns_.by_slot.push_back(by_number(selector));
        continue;
      }
      const auto found = std::ranges::find(columns_.names, trimmed(selector.text));
      const Spot spot{selector.text, header_line_, 0};
      if (found == columns_.names.end()) {
        if (!plan_->optional_selectors[selector.slot]) faults.push_back(make_fault("csv.missing_column", spot));
        columns_.by_slot.push_back(kNoColumn);
        continue;
      }
      if (std::ranges::count(columns_.names, *found) > 1) faults.push_back(make_fault("csv.column_twice", spot));
      columns_.by_slot.push_back(static_cast<std::size_t>(found - columns_.names.begin()));
    }
    name_the_nameless(std::max(columns_.names.size(), columns_.needed));
  }

  std::size_t by_number(const Selector& selector) {
    if (!plan_->optional_selectors[selector.slot]) columns_.needed = std::max(columns_.needed, selector.number);
    if (plan_->csv.header && selector.number > columns_.names.size()) {
      if (plan_->optional_selectors[selector.slot]) return kNoColumn;
      faults.push_back(make_fault("csv.missing_column", {"column " + selector.text, header_line_, 0}));
    }
    return selector.number - 1;
  }

  void name_the_nameless(std::size_t count) {
    if (columns_.names.size() < count) columns_.names.resize(count);
    for (std::size_t i = 0; i < columns_.names.size(); ++i)
      if (columns_.names[i].empty()) columns_.names[i] = "column " + std::to_string(i + 1);
  }

  [[nodiscard]] bool is_trailer(const CsvRow& row) const {
    const auto column = plan_->csv.trailer_column;
    return column != 0 && column <= row.cells.size() && trimmed(row.cells[column - 1]) == plan_->csv.trailer_is;
  }

  std::unique_ptr<SourceRecord> record(CsvRow row) {
    const auto cells = row.cells.size();
    if (!plan_->csv.header) name_the_nameless(cells);
    const auto wanted = plan_->csv.header ? columns_.names.size() : columns_.needed;
    const auto counts = std::to_string(cells) + " / " + std::to_string(wanted);
    const bool too_many = plan_->csv.header && cells > wanted;
    const bool too_few = cells < wanted && !plan_->csv.fill_short_rows;
    auto made = placed(std::move(row));
    const Spot spot{{}, made->place.line, 0};
    if (too_many) made->faults.push_back(make_fault("csv.too_many_cells", spot, counts));
    if (too_few) made->faults.push_back(make_fault("csv.too_few_cells", spot, counts));
    return made;
  }

  std::unique_ptr<SourceRecord> broken(CsvRow row) {
    const Spot spot{{}, row.line, 0};
    if (++broken_rows_ > kBrokenRowsMax) {
      faults.push_back(make_fault("csv.too_many_broken_rows", spot, std::to_string(kBrokenRowsMax)));
      return nullptr;
    }
    auto made = placed(std::move(row));
    made->faults.push_back(make_fault("csv.quote", spot));
    return made;
  }

  std::unique_ptr<SourceRecord> placed(CsvRow row) {
    const auto line = row.line;
    auto made = std::make_unique<CsvRecord>(*plan_, columns_, std::move(row));
    made->place = {file_, line, ++count_, {}};
    return made;
  }

  const InPlan* plan_;
  std::string file_;
  std::string text_;
  std::unique_ptr<CsvRows> rows_;
  Columns columns_;
  std::vector<std::string> trailer_;
  std::size_t header_line_ = 0;
  std::size_t broken_rows_ = 0;
  std::size_t count_ = 0;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Source> open_csv(const SourceInput& input) { return std::make_unique<CsvSource>(input); }

}  // namespace relais::mapping
