#include <algorithm>

#include "adapters/mapping/source.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

class RowRecord final : public SourceRecord {
 public:
  RowRecord(const InPlan& plan, const SqlRow& row) : plan_(&plan), row_(&row), carried_(row.columns.size()) {
    for (const auto& [name, value] : row.columns)
      if (value && first_bad_utf8(*value)) faults.push_back(make_fault("field.characters", {name, 0, 0}));
  }

  std::vector<Found> find(const Selector& selector, bool take) override {
    const auto& columns = row_->columns;
    const auto found = std::ranges::find(columns, selector.text, [](const auto& one) { return one.first; });
    const Spot spot{selector.text, 0, 0};
    if (found == columns.end()) return {{{}, true, false, spot}};
    if (take) carried_[static_cast<std::size_t>(found - columns.begin())] = true;
    return {{found->second.value_or(""), !found->second, false, spot}};
  }

  /// The adapter keeps the row itself in its table; there is nothing to copy into a rejects folder.
  std::string raw() const override { return {}; }

  void collect_lost(std::set<std::string>& fields) const override {
    for (std::size_t i = 0; i < carried_.size(); ++i)
      if (!carried_[i] && has_value(row_->columns[i].second.value_or(""), *plan_))
        fields.insert(row_->columns[i].first);
  }

 private:
  const InPlan* plan_;
  const SqlRow* row_;
  std::vector<bool> carried_;
};

class RowSource final : public Source {
 public:
  RowSource(const InPlan& plan, std::span<const SqlRow> rows, std::string table)
      : plan_(&plan), rows_(rows), table_(std::move(table)) {
    encoding = "utf-8";
    if (rows.empty()) return;
    for (const auto& selector : plan.selectors) {
      const auto& columns = rows.front().columns;
      const bool there = std::ranges::any_of(columns, [&](const auto& one) { return one.first == selector.text; });
      if (!there && !plan.optional_selectors[selector.slot])
        faults.push_back(make_fault("sql.missing_column", {selector.text, 0, 0}));
    }
  }

  std::unique_ptr<SourceRecord> next() override {
    if (!faults.empty() || next_ == rows_.size()) return nullptr;
    auto made = std::make_unique<RowRecord>(*plan_, rows_[next_++]);
    made->place = {table_, 0, next_, {}};
    return made;
  }

  std::optional<std::string> expected(const Control&) override { return std::nullopt; }

 private:
  const InPlan* plan_;
  std::span<const SqlRow> rows_;
  std::string table_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Source> open_rows(const InPlan& plan, std::span<const SqlRow> rows, const std::string& table) {
  return std::make_unique<RowSource>(plan, rows, table);
}

}  // namespace relais::mapping
