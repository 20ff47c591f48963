#include "adapters/mapping/value.h"

#include <algorithm>

#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::string_view kNarrowSpace = "\xE2\x80\xAF";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Steps of the conversion that look at one found value: trim, null, unpad. Empty: no value.
std::string cleaned(std::string_view text, const Conversion& conversion) {
  if (conversion.trim) text = trimmed(text);
  if (std::ranges::find(conversion.nulls, text) != conversion.nulls.end()) return {};
  while (!conversion.unpad.empty() && text.starts_with(conversion.unpad)) text.remove_prefix(conversion.unpad.size());
  return std::string(text);
}

/// Faults that no conversion can mend.
std::string_view unusable(const Found& found, const InPlan& plan, std::string& detail) {
  if (found.not_text) return "field.not_text";
  detail = std::to_string(plan.max_field_bytes) + " bytes";
  if (found.text.size() > plan.max_field_bytes) return "field.too_long";
  detail.clear();
  return has_control_characters(found.text) ? "field.characters" : "";
}

std::vector<std::string> pieces(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(separator, from), text.size());
    const auto part = trimmed(std::string_view(text).substr(from, to - from));
    if (!part.empty()) parts.emplace_back(part);
    from = to + separator.size();
  }
  return parts;
}

/// Table, decimal, date or time. Answers the rule that is broken, with `detail`.
std::string_view convert(std::string& text, const Intake& intake, const InPlan& plan, std::string& detail) {
  const auto& conversion = intake.conversion;
  if (conversion.table != nullptr) {
    const auto meaning = conversion.table->find(text);
    detail = conversion.table->name;
    if (!meaning && !intake.default_value) return "code.unknown";
    if (!meaning) {
      text = *intake.default_value;
      return {};
    }
    text = *meaning;
    if (text.empty()) return {};
  }
  if (conversion.decimal != 0) {
    auto number = decimal_text(text, conversion.decimal);
    if (!number) return "number.format";
    text = std::move(*number);
  }
  if (conversion.patterns.empty()) return {};
  if (!conversion.moment) {
    auto date = parse_date(text, conversion.patterns, conversion.precision);
    detail = std::move(date.detail);
    if (date.value) text = std::move(*date.value);
    return date.rule;
  }
  auto moment = parse_moment(text, conversion.patterns, plan.zone);
  detail = std::move(moment.detail);
  if (moment.value) text = std::to_string(*moment.value + conversion.add_minutes * kMinuteMs);
  return moment.rule;
}

/// What the selectors find, cleaned; empty values are gone.
std::vector<std::string> gather(SourceRecord& record, const Intake& intake, const InPlan& plan, Spot& spot,
                                std::vector<Fault>& faults) {
  std::vector<std::string> texts;
  for (const auto& selector : intake.from) {
    auto found = record.find(selector, true);
    if (found.empty() && spot.field.empty()) spot = {selector.text, record.place.line, 0};
    for (auto& one : found) {
      if (spot.field.empty()) spot = one.spot;
      if (one.null) continue;
      std::string detail;
      if (const auto rule = unusable(one, plan, detail); !rule.empty()) {
        faults.push_back(make_fault(rule, one.spot, detail));
        continue;
      }
      auto text = cleaned(one.text, intake.conversion);
      if (text.empty()) continue;
      if (texts.empty()) spot = one.spot;
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

std::vector<std::string> joined(std::vector<std::string> texts, const std::string& between) {
  if (texts.size() < 2) return texts;
  std::string whole;
  for (const auto& text : texts) whole += (whole.empty() ? "" : between) + text;
  return {std::move(whole)};
}

}  // namespace

std::optional<std::string> decimal_text(std::string_view text, char sign) {
  std::string kept;
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto rest = text.substr(i);
    if (is_digit(text[i])) {
      kept += text[i];
    } else if (text[i] == '-' && kept.empty()) {
      kept += '-';
    } else if (text[i] == sign && points++ == 0 && !kept.empty() && is_digit(kept.back())) {
      kept += '.';
    } else if (text[i] == ' ' && !kept.empty()) {
      continue;
    } else if (rest.starts_with(kNoBreakSpace) || rest.starts_with(kNarrowSpace)) {
      i += rest.starts_with(kNoBreakSpace) ? 1U : 2U;
    } else {
      return std::nullopt;
    }
  }
  if (kept.empty() || !is_digit(kept.back())) return std::nullopt;
  const std::size_t start = kept.front() == '-' ? 1 : 0;
  while (kept.size() > start + 1 && kept[start] == '0' && is_digit(kept[start + 1])) kept.erase(start, 1);
  return kept;
}

Values take_values(SourceRecord& record, const Intake& intake, const InPlan& plan, bool several,
                   std::vector<Fault>& faults) {
  Values values;
  if (intake.constant) {
    values.texts.push_back(*intake.constant);
    values.spot = {intake.key, 0, 0};
    return values;
  }
  const auto faults_before = faults.size();
  auto texts = gather(record, intake, plan, values.spot, faults);
  if (intake.join) texts = joined(std::move(texts), *intake.join);
  for (auto& text : texts) {
    for (auto& piece : intake.conversion.split.empty() ? std::vector{text} : pieces(text, intake.conversion.split)) {
      std::string detail;
      const auto rule = convert(piece, intake, plan, detail);
      if (!rule.empty()) faults.push_back(make_fault(rule, values.spot, detail));
      if (rule.empty() && !piece.empty()) values.texts.push_back(std::move(piece));
    }
  }
  if (faults.size() > faults_before) return values;
  if (values.texts.empty() && intake.default_value && !intake.default_value->empty())
    values.texts.push_back(*intake.default_value);
  if (values.texts.empty() && intake.required) faults.push_back(make_fault("field.required", values.spot));
  if (values.texts.size() > 1 && !several) faults.push_back(make_fault("field.several", values.spot));
  const auto most = intake.conversion.max_chars;
  if (most != 0 && std::ranges::any_of(values.texts, [&](const auto& text) { return count_characters(text) > most; }))
    faults.push_back(make_fault("field.too_long", values.spot, std::to_string(most)));
  return values;
}

std::string plain_value(SourceRecord& record, const Selector& selector, const InPlan& plan, Spot& spot) {
  spot = {selector.text, record.place.line, 0};
  for (const auto& found : record.find(selector, true)) {
    spot = found.spot;
    const auto text = trimmed(found.text);
    if (!found.null && !found.not_text && has_value(text, plan)) return std::string(text);
  }
  return {};
}

bool holds(SourceRecord& record, const std::optional<Condition>& condition, const InPlan& plan) {
  if (!condition) return true;
  Spot spot;
  const auto value = plain_value(record, condition->from, plan, spot);
  if (!condition->is.empty()) return std::ranges::find(condition->is, value) != condition->is.end();
  if (!condition->is_not.empty()) return std::ranges::find(condition->is_not, value) == condition->is_not.end();
  return value.empty() != condition->filled;
}

}  // namespace relais::mapping
