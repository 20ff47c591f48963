// A whole document: its records, its control totals, its loss.
#include <charconv>
#include <cstdint>

#include "adapters/mapping/loss.h"
#include "adapters/mapping/reader.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/value.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kDecimals = 4;
constexpr std::size_t kDigitsMax = 14;

/// A decimal number as a whole number of ten-thousandths; either decimal sign.
std::optional<std::int64_t> ten_thousandths(std::string_view text) {
  text = trimmed(text);
  const auto number = decimal_text(text, text.find(',') != std::string_view::npos ? ',' : '.');
  if (!number) return std::nullopt;
  auto whole = *number;
  auto point = whole.find('.');
  if (point == std::string::npos) point = whole.size();
  auto decimals = point < whole.size() ? whole.substr(point + 1) : std::string();
  if (decimals.size() > kDecimals || point > kDigitsMax) return std::nullopt;
  decimals.resize(kDecimals, '0');
  whole = whole.substr(0, point) + decimals;
  std::int64_t value = 0;
  const auto said = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  return said.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::int64_t wrapping_sum(std::int64_t one, std::int64_t other) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(one) + static_cast<std::uint64_t>(other));
}

/// The control totals of one document, as the records go by.
class Totals {
 public:
  explicit Totals(const InPlan& plan) : plan_(&plan), sums_(plan.controls.size()) {}

  void add(SourceRecord& record) {
    ++count_;
    if (!record.faults.empty()) return;  // then the sum can not agree either, and that is said
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (!plan_->controls[i].sum) continue;
      for (const auto& found : record.find(*plan_->controls[i].sum, false)) {
        // A text that is no number, or a sum that runs over, makes the totals differ, which is said.
        if (const auto value = ten_thousandths(found.text)) sums_[i] = wrapping_sum(sums_[i], *value);
      }
    }
  }

  void compare(Source& source) const {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const auto& control = plan_->controls[i];
      const auto text = source.expected(control);
      const auto expected = text ? ten_thousandths(*text) : std::nullopt;
      const auto actual = control.sum ? sums_[i] : static_cast<std::int64_t>(count_) * kScale;
      if (!expected) {
        source.faults.push_back(make_fault("control.missing", {control.name, 0, 0}));
      } else if (*expected != actual) {
        // A sum of amounts is not told: it may be the amount of one person.
        const auto detail =
            control.sum ? std::string("sum") : std::to_string(*expected / kScale) + " / " + std::to_string(count_);
        source.faults.push_back(make_fault("control.differs", {control.name, 0, 0}, detail));
      }
    }
  }

 private:
  static constexpr std::int64_t kScale = 10'000;

  const InPlan* plan_;
  std::size_t count_ = 0;
  std::vector<std::int64_t> sums_;
};

void take_record(SourceRecord& record, const InPlan& plan, LossTally& tally, ReadResult& result) {
  std::vector<Fault> faults;
  auto messages = read_record(record, plan, faults);
  if (!faults.empty()) {
    result.rejects.push_back({record.place, std::move(faults), record.raw()});
    return;
  }
  if (messages.empty()) {
    ++result.silent;
    return;
  }
  std::set<std::string> lost;
  record.collect_lost(lost);
  tally.add_lost(lost);
  for (auto& one : messages) {
    tally.add_filled(one.message.envelope.body_case(), one.filled);
    result.messages.push_back(std::move(one.message));
  }
}

}  // namespace

ReadResult read_document(Source& source, const InPlan& plan) {
  ReadResult result;
  LossTally tally;
  Totals totals(plan);
  while (source.faults.empty()) {
    const auto record = source.next();
    if (!record) break;
    if (++result.records > plan.max_records)
      source.faults.push_back(make_fault("file.too_many_records", {}, std::to_string(plan.max_records)));
    totals.add(*record);
    take_record(*record, plan, tally, result);
    if (result.rejects.size() > plan.max_rejects)
      source.faults.push_back(make_fault("file.too_many_rejects", {}, std::to_string(plan.max_rejects)));
  }
  if (source.faults.empty()) totals.compare(source);
  if (!source.faults.empty()) {
    ReadResult refused;
    refused.file_faults = std::move(source.faults);
    refused.encoding = std::move(source.encoding);
    return refused;
  }
  std::set<std::string> outside;
  source.collect_lost(outside);
  tally.add_lost(outside);
  result.encoding = std::move(source.encoding);
  result.raw_header = std::move(source.raw_header);
  result.loss = tally.report(plan);
  return result;
}

}  // namespace relais::mapping
