#include <algorithm>

#include "adapters/mapping/source.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

std::string_view cut(std::string_view line, const Range& range) {
  return characters(line, range.start - 1, range.length);
}

bool marked(std::string_view line, const LineMark& mark) {
  return std::ranges::find(mark.is, trimmed(cut(line, mark.range))) != mark.is.end();
}

class FixedRecord final : public SourceRecord {
 public:
  FixedRecord(const InPlan& plan, std::string_view line)
      : plan_(&plan), line_(line), carried_(plan.fixed.columns.size()) {}

  std::vector<Found> find(const Selector& selector, bool take) override {
    const auto& columns = plan_->fixed.columns;
    const auto found = std::ranges::find(columns, selector.text, &FixedColumn::name);
    if (take) carried_[static_cast<std::size_t>(found - columns.begin())] = true;
    return {{std::string(cut(line_, found->range)), false, false, {found->name, place.line, found->range.start}}};
  }

  std::string raw() const override { return std::string(line_); }

  void collect_lost(std::set<std::string>& fields) const override {
    const auto& columns = plan_->fixed.columns;
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (!carried_[i] && has_value(cut(line_, columns[i].range), *plan_)) fields.insert(columns[i].name);
    collect_gaps(fields);
  }

 private:
  /// Characters that belong to no column.
  void collect_gaps(std::set<std::string>& fields) const {
    std::vector<Range> taken;
    for (const auto& column : plan_->fixed.columns) taken.push_back(column.range);
    if (!plan_->fixed.record.is.empty()) taken.push_back(plan_->fixed.record.range);
    std::ranges::sort(taken, {}, &Range::start);
    taken.push_back({count_characters(line_) + 1, 0});
    std::size_t next = 1;
    for (const auto& range : taken) {
      if (range.start > next && has_value(cut(line_, {next, range.start - next}), *plan_))
        fields.insert("characters " + std::to_string(next) + "-" + std::to_string(range.start - 1));
      next = std::max(next, range.start + range.length);
    }
  }

  const InPlan* plan_;
  std::string_view line_;
  std::vector<bool> carried_;
};

class FixedSource final : public Source {
 public:
  explicit FixedSource(const SourceInput& input) : plan_(&input.plan), file_(input.file) {
    auto text = decode_for(input, *this);
    if (!text) return;
    text_ = std::move(*text);
    for (const auto& column : plan_->fixed.columns)
      width_ = std::max(width_, column.range.start + column.range.length - 1);
    for (std::size_t i = 0; i < plan_->fixed.skip_lines && position_ < text_.size(); ++i)
      static_cast<void>(take_line());
  }

  std::unique_ptr<SourceRecord> next() override {
    while (faults.empty() && position_ < text_.size()) {
      const auto number = line_;
      const auto line = take_line();
      if (!plan_->fixed.trailer.is.empty() && marked(line, plan_->fixed.trailer)) {
        trailer_ = line;
        continue;
      }
      if (trimmed(line).empty() || (!plan_->fixed.record.is.empty() && !marked(line, plan_->fixed.record))) continue;
      auto made = std::make_unique<FixedRecord>(*plan_, line);
      made->place = {file_, number, ++count_, {}};
      const auto length = count_characters(line);
      if (length < width_ && !plan_->fixed.fill_short_lines)
        made->faults.push_back(make_fault("fixed.short_line", {{}, number, length + 1},
                                          std::to_string(length) + " / " + std::to_string(width_)));
      return made;
    }
    return nullptr;
  }

  std::optional<std::string> expected(const Control& control) override {
    if (trailer_.empty()) return std::nullopt;
    return std::string(cut(trailer_, control.expected_range));
  }

 private:
  std::string_view take_line() {
    const auto end = std::min(text_.find_first_of("\r\n", position_), text_.size());
    const auto line = std::string_view(text_).substr(position_, end - position_);
    position_ = end;
    if (position_ < text_.size()) position_ += std::string_view(text_).substr(position_).starts_with("\r\n") ? 2U : 1U;
    ++line_;
    return line;
  }

  const InPlan* plan_;
  std::string file_;
  std::string text_;
  std::string_view trailer_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t count_ = 0;
  std::size_t width_ = 0;
};

}  // namespace

std::unique_ptr<Source> open_fixed(const SourceInput& input) { return std::make_unique<FixedSource>(input); }

}  // namespace relais::mapping
