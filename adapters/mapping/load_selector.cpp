#include "adapters/mapping/load_selector.h"

#include <algorithm>

#include "adapters/mapping/field_check.h"
#include "adapters/mapping/json_document.h"
#include "adapters/mapping/xml_document.h"

namespace relais::mapping {

namespace {

constexpr std::int64_t kColumnNumberMax = 100'000;
constexpr std::int64_t kMinutesMax = 24LL * 60;
constexpr std::size_t kCharsMax = 16U << 20U;

/// One value that the mapping itself gives, tried on an empty message.
void check_value(SettingsReader& reader, std::string_view key, const std::string& value, std::string_view what,
                 const google::protobuf::FieldDescriptor& leaf) {
  const auto* const prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(leaf.containing_type());
  const std::unique_ptr<google::protobuf::Message> scratch(prototype->New());
  std::string detail;
  auto rule = check_field(leaf, value, detail);
  if (rule.empty()) rule = put(*scratch, {{&leaf, std::nullopt, {}}}, value, detail);
  if (rule.empty()) return;
  reader.fault(key, std::string(what) + " does not fit " + std::string(leaf.name()) + ": " + value,
               detail.empty() ? "see rule " + std::string(rule) : detail);
}

}  // namespace

std::string_view SelectorReader::wrong_form(const Selector& selector) const {
  switch (plan_->format) {
    case Format::fixed:
      if (std::ranges::find(plan_->fixed.columns, selector.text, &FixedColumn::name) != plan_->fixed.columns.end())
        return {};
      return "a name of [in.fixed] columns";
    case Format::xml:
      return is_xpath(selector.text, plan_->xml.namespaces) ? "" : "an XPath 1.0 expression";
    case Format::json:
      return is_pointer(selector.text) ? "" : "a JSON pointer such as /fields/status";
    default:
      return selector.text.empty() ? "a column" : "";
  }
}

std::optional<Selector> SelectorReader::take(SettingsReader& reader, std::string_view key, const toml::node& node,
                                             bool optional) {
  Selector selector;
  if (const auto number = node.value_exact<std::int64_t>(); number && plan_->format == Format::csv) {
    if (*number < 1 || *number > kColumnNumberMax) {
      reader.fault(key, "is out of range", "a column from 1");
      return std::nullopt;
    }
    selector.number = static_cast<std::size_t>(*number);
    selector.text = std::to_string(*number);
  } else if (const auto text = node.value_exact<std::string>()) {
    selector.text = *text;
    if (const auto allowed = wrong_form(selector); !allowed.empty()) {
      reader.fault(key, "can not be read: " + *text, std::string(allowed));
      return std::nullopt;
    }
    if (plan_->format == Format::csv && !plan_->csv.header) {
      reader.fault(key, "names a column of a document without header", "the number of the column");
      return std::nullopt;
    }
  } else {
    reader.fault(key, "is of the wrong kind", plan_->format == Format::csv ? "a text or a number" : "a text");
    return std::nullopt;
  }
  auto& known = plan_->selectors;
  const auto found = std::ranges::find_if(
      known, [&](const Selector& one) { return one.text == selector.text && one.number == selector.number; });
  selector.slot = static_cast<std::size_t>(found - known.begin());
  if (found == known.end()) {
    known.push_back(selector);
    plan_->optional_selectors.push_back(optional);
  } else if (!optional) {
    plan_->optional_selectors[selector.slot] = false;
  }
  return selector;
}

std::vector<Selector> SelectorReader::many(SettingsReader& reader, std::string_view key, bool optional) {
  std::vector<Selector> selectors;
  const auto* const node = reader.node(key);
  if (node == nullptr) return selectors;
  const auto add = [&](const toml::node& one) {
    if (auto selector = take(reader, key, one, optional)) selectors.push_back(std::move(*selector));
  };
  if (const auto* const list = node->as_array()) {
    for (const auto& item : *list) add(item);
  } else {
    add(*node);
  }
  return selectors;
}

std::optional<Selector> SelectorReader::one(SettingsReader& reader, std::string_view key, bool optional) {
  const auto* const node = reader.node(key);
  return node == nullptr ? std::nullopt : take(reader, key, *node, optional);
}

std::optional<Condition> SelectorReader::condition(SettingsReader& reader, std::string_view key) {
  auto below = reader.table(key);
  if (!below) return std::nullopt;
  Condition condition;
  if (!below->has("from")) below->fault("from", "is missing", "a source field");
  if (const auto from = one(*below, "from", false)) condition.from = *from;
  condition.is = below->texts("is");
  condition.is_not = below->texts("not");
  condition.filled = below->flag("filled", true);
  if (int(below->has("is")) + int(below->has("not")) + int(below->has("filled")) != 1)
    below->fault("", "says nothing, or too much", "one of is, not, filled");
  below->finish();
  return condition;
}

std::vector<TimePattern> load_patterns(SettingsReader& reader, std::string_view key, bool moment) {
  std::vector<TimePattern> patterns;
  for (const auto& text : reader.texts(key)) {
    std::string wrong;
    auto some = make_patterns(text, moment, wrong);
    if (some.empty()) reader.fault(key, "is no pattern: " + text, wrong);
    patterns.insert(patterns.end(), some.begin(), some.end());
  }
  return patterns;
}

void SelectorReader::conversion(SettingsReader& reader, Conversion& conversion) {
  conversion.trim = reader.flag("trim", plan_->trim);
  conversion.nulls = plan_->nulls;
  for (auto& word : reader.texts("null")) conversion.nulls.push_back(std::move(word));
  conversion.unpad = reader.text("unpad").value_or("");
  conversion.split = reader.text("split").value_or("");
  conversion.table = load_table_name(*context_, reader, "table");
  if (reader.has("decimal")) conversion.decimal = reader.choice("decimal", {",", "."})[0];
  if (reader.has("date") && reader.has("time")) reader.fault("time", "stands beside date", "one of date and time");
  conversion.moment = reader.has("time");
  conversion.patterns = load_patterns(reader, conversion.moment ? "time" : "date", conversion.moment);
  if (reader.has("date") && conversion.moment) static_cast<void>(reader.node("date"));
  const auto precision = reader.choice("precision", {"day", "month", "year"});
  if (precision != "day") conversion.precision = precision == "month" ? Precision::month : Precision::year;
  conversion.add_minutes = static_cast<int>(reader.integer("add_minutes", -kMinutesMax, kMinutesMax).value_or(0));
  conversion.max_chars = reader.size("max_chars", 0, kCharsMax);
}

Intake SelectorReader::intake(SettingsReader& reader) {
  Intake intake;
  intake.key = reader.path();
  const bool optional = reader.flag("optional_column", false);
  intake.from = many(reader, "from", optional);
  intake.constant = reader.text("constant");
  intake.join = reader.text("join");
  intake.default_value = reader.text("default");
  intake.required = reader.flag("required", false);
  intake.when = condition(reader, "when");
  conversion(reader, intake.conversion);
  if (reader.has("from") == reader.has("constant")) reader.fault("", "has no value", "either from or constant");
  if (intake.from.size() > 1 && !intake.join) reader.fault("from", "names several fields", "join = \" \" beside it");
  return intake;
}

void check_intake(SettingsReader& reader, const Intake& intake, const google::protobuf::FieldDescriptor& leaf) {
  const auto& conversion = intake.conversion;
  if (is_moment(leaf) && !conversion.moment && !intake.constant)
    reader.fault("time", "is missing: " + std::string(leaf.name()) + " is a time", "time = [\"iso\"]");
  if (is_moment(leaf) && intake.constant) reader.fault("constant", "is a time", "a source field");
  if (conversion.moment && !is_moment(leaf)) reader.fault("time", "stands at a field that is no time", "date");
  if (!conversion.moment && conversion.add_minutes != 0) reader.fault("add_minutes", "needs time", "time = [..]");
  if (is_moment(leaf)) return;
  if (intake.constant) check_value(reader, "constant", *intake.constant, "the constant", leaf);
  if (intake.default_value) check_value(reader, "default", *intake.default_value, "the default", leaf);
  const bool last = conversion.decimal == 0 && conversion.patterns.empty();
  if (conversion.table == nullptr || !last) return;
  for (const auto& [code, meaning] : conversion.table->values)
    if (!meaning.empty()) check_value(reader, "table", meaning, "a meaning of the table", leaf);
}

}  // namespace relais::mapping
