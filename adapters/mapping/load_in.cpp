// [in]: documents to messages.
#include <algorithm>
#include <set>
#include <sstream>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/load.h"
#include "adapters/mapping/load_selector.h"
#include "adapters/mapping/loss.h"
#include "adapters/mapping/reader.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kInputBytesMax = 1U << 30U;
constexpr std::size_t kFieldBytesMax = 16U << 20U;
constexpr std::size_t kRecordsMax = 10'000'000;
constexpr std::size_t kListMax = 10'000;

void check_kind_words(SettingsReader& reader, std::string_view key, const std::string& words, std::set<Body>& kinds) {
  const auto bodies = kinds_of(words);
  if (!bodies)
    reader.fault(key, "names no kind of message: " + words, kind_names(false) + ", none");
  else
    kinds.insert(bodies->begin(), bodies->end());
}

/// Answers the kinds that records of this mapping may become.
std::set<Body> load_kind(SelectorReader& selectors, SettingsReader& reader, KindRule& rule) {
  std::set<Body> kinds;
  const auto* const node = reader.node("kind");
  if (node == nullptr) {
    reader.fault("kind", "is missing", kind_names(false) + ", or { from, table }");
  } else if (node->is_string()) {
    const auto words = node->value_or(std::string());
    check_kind_words(reader, "kind", words, kinds);
    rule.constant = kinds_of(words).value_or(std::vector<Body>{});
    if (rule.constant.empty() && kinds_of(words)) reader.fault("kind", "makes no message", kind_names(false));
  } else if (auto below = reader.table("kind")) {
    rule.from = selectors.one(*below, "from", false);
    rule.table = load_table_name(selectors.context(), *below, "table");
    rule.default_value = below->text("default");
    if (!below->has("from")) below->fault("from", "is missing", "a source field");
    rule.empty = below->text("empty");
    if (!below->has("table") && !below->has("default"))
      below->fault("table", "is missing", "a code table whose meanings are kinds of message");
    if (rule.empty) check_kind_words(*below, "empty", *rule.empty, kinds);
    if (rule.default_value) check_kind_words(*below, "default", *rule.default_value, kinds);
    if (rule.table != nullptr)
      for (const auto& [code, meaning] : rule.table->values) check_kind_words(*below, "table", meaning, kinds);
    below->finish();
  }
  return kinds;
}

bool overlap(const std::vector<Body>& one, const std::vector<Body>& other) {
  if (one.empty() || other.empty()) return true;
  return std::ranges::any_of(one, [&](Body body) { return std::ranges::find(other, body) != other.end(); });
}

void check_target(SettingsReader& reader, const InField& field, const std::set<Body>& kinds, const InPlan& plan) {
  if (field.to.root == Root::body && !kinds.empty()) {
    const bool fits = std::ranges::any_of(field.to.by_kind, [&](const auto& one) {
      return kinds.contains(one.first) &&
             (field.kinds.empty() || std::ranges::find(field.kinds, one.first) != field.kinds.end());
    });
    if (!fits)
      reader.fault("to", "no kind of message of this mapping has this field", "see docs/mapping.md, section 2");
  }
  const auto* const leaf = field.to.leaf();
  if (leaf != nullptr && leaf->is_repeated()) return;
  const bool twice = std::ranges::any_of(plan.fields, [&](const InField& other) {
    return other.to.text == field.to.text && overlap(other.kinds, field.kinds) && !other.intake.when &&
           !field.intake.when;
  });
  if (twice)
    reader.fault("to", "has a value from another field already", "one field for it, or fields with when or kinds");
}

/// Where values of the field may end up: `body.reason` is of another type in another kind of message.
std::set<const google::protobuf::FieldDescriptor*> leaves(const InField& field, const std::set<Body>& kinds) {
  std::set<const google::protobuf::FieldDescriptor*> found;
  if (field.to.by_kind.empty() && field.to.leaf() != nullptr) found.insert(field.to.leaf());
  for (const auto& [body, steps] : field.to.by_kind) {
    const bool meant = field.kinds.empty() || std::ranges::find(field.kinds, body) != field.kinds.end();
    if (meant && kinds.contains(body)) found.insert(steps.back().field);
  }
  return found;
}

void load_field(SelectorReader& selectors, SettingsReader& reader, const std::set<Body>& kinds) {
  auto& plan = selectors.plan();
  InField field;
  field.intake = selectors.intake(reader);
  field.kinds = load_kinds(reader, "kinds", false);
  const auto to = reader.required_text("to", "a path such as identity.family_name");
  if (to.empty()) return;
  std::string wrong;
  auto path = parse_path(to, Direction::in, wrong);
  if (!path) {
    reader.fault("to", "is no field of a message: " + to, wrong);
    return;
  }
  field.to = std::move(*path);
  for (const auto* const leaf : leaves(field, kinds)) check_intake(reader, field.intake, *leaf);
  check_target(reader, field, kinds, plan);
  plan.fields.push_back(std::move(field));
}

void load_list(SelectorReader& selectors, SettingsReader& reader) {
  ListRule list;
  if (!reader.has("each")) reader.fault("each", "is missing", "an XPath or JSON pointer of the items");
  if (const auto each = selectors.one(reader, "each", false)) list.each = *each;
  list.kinds = load_kinds(reader, "kinds", false);
  list.when = selectors.condition(reader, "when");
  list.max = reader.size("max", list.max, kListMax);
  std::string wrong;
  const auto to = reader.required_text("to", "a list such as household.members");
  auto path = parse_list_path(to, wrong);
  if (!path && !to.empty()) reader.fault("to", "is no list of a content: " + to, wrong);
  if (!reader.has("fields")) reader.fault("fields", "is missing", "a list of fields");
  reader.tables("fields", [&](SettingsReader& below) {
    ListField field;
    field.intake = selectors.intake(below);
    field.to_text = below.required_text("to", "a field of the list's items");
    if (!path || field.to_text.empty()) return;
    auto steps = parse_steps(*path->steps.back().field->message_type(), field.to_text, Direction::in, wrong);
    if (!steps) {
      below.fault("to", "is no field of " + to, wrong);
      return;
    }
    field.to = std::move(*steps);
    check_intake(below, field.intake, *field.to.back().field);
    list.fields.push_back(std::move(field));
  });
  if (!path) return;
  list.to = std::move(*path);
  selectors.plan().lists.push_back(std::move(list));
}

Range load_range(SettingsReader& reader) {
  Range range;
  range.start = reader.size("start", 1, 1'000'000);
  range.length = reader.size("length", 1, 1'000'000);
  if (!reader.has("start")) reader.fault("start", "is missing", "the first character, from 1");
  if (!reader.has("length")) reader.fault("length", "is missing", "the number of characters");
  return range;
}

/// From the root of the document: not a selector of records, so it gets no slot.
void load_expected(SettingsReader& reader, const InPlan& plan, Control& control) {
  if (plan.format == Format::fixed) {
    if (auto below = reader.table("expected")) {
      control.expected_range = load_range(*below);
      below->finish();
    } else if (!reader.has("expected")) {
      reader.fault("expected", "is missing", "{ start, length } in the trailer");
    }
    if (plan.fixed.trailer.is.empty()) reader.fault("", "needs a trailer", "[in.fixed] trailer");
  } else if (plan.format == Format::csv) {
    control.expected.number = reader.size("expected", 0, 100'000);
    if (control.expected.number == 0) reader.fault("expected", "is missing", "a column of the trailer, from 1");
    if (plan.csv.trailer_column == 0) reader.fault("", "needs a trailer", "[in.csv] trailer");
  } else {
    control.expected.text = reader.required_text("expected", "an XPath or JSON pointer from the root");
  }
}

void load_control(SelectorReader& selectors, SettingsReader& reader) {
  Control control;
  control.name = reader.required_text("name", "a name for the message to the reader");
  load_expected(reader, selectors.plan(), control);
  if (const auto count = reader.text("count"); count && *count != "records")
    reader.fault("count", "is not known", "records");
  control.sum = selectors.one(reader, "sum", false);
  if (reader.has("count") == reader.has("sum")) reader.fault("", "counts nothing", "either count or sum");
  selectors.plan().controls.push_back(std::move(control));
}

void load_bounds(SettingsReader& reader, InPlan& plan) {
  plan.zone.zone = reader.text("zone").value_or(plan.zone.zone);
  if (!known_zone(plan.zone.zone)) reader.fault("zone", "is not known to this machine", "a name such as Europe/Paris");
  plan.zone.nonexistent =
      reader.choice("nonexistent", {"refuse", "later"}) == "later" ? Skipped::later : Skipped::refuse;
  const auto ambiguous = reader.choice("ambiguous", {"refuse", "earlier", "later"});
  if (ambiguous != "refuse") plan.zone.ambiguous = ambiguous == "earlier" ? Repeated::earlier : Repeated::later;
  plan.trim = reader.flag("trim", true);
  plan.nulls = reader.texts("null");
  plan.max_file_bytes = reader.size("max_file_bytes", plan.max_file_bytes, kInputBytesMax);
  plan.max_field_bytes = reader.size("max_field_bytes", plan.max_field_bytes, kFieldBytesMax);
  plan.max_records = reader.size("max_records", plan.max_records, kRecordsMax);
  plan.max_rejects = reader.size("max_rejects", plan.max_rejects, kRecordsMax);
}

}  // namespace

void load_in(LoadContext& context, SettingsReader& reader) {
  auto& plan = context.plan->in.emplace();
  const auto format = reader.required_text("format", "csv, fixed, xml, json, sql");
  bool known = false;
  for (const auto one : {Format::csv, Format::fixed, Format::xml, Format::json, Format::sql}) {
    if (name(one) != format) continue;
    plan.format = one;
    known = true;
  }
  if (!known && !format.empty()) reader.fault("format", "is not known", "csv, fixed, xml, json, sql");
  plan.encoding = reader.choice("encoding", readable_encodings());
  load_bounds(reader, plan);
  if (known) load_in_format(context, reader, plan);
  SelectorReader selectors(context, plan);
  const auto kinds = load_kind(selectors, reader, plan.kind);
  if (!reader.has("fields")) reader.fault("fields", "is missing", "a list of fields");
  reader.tables("fields", [&](SettingsReader& below) { load_field(selectors, below, kinds); });
  if (plan.format == Format::xml || plan.format == Format::json)
    reader.tables("lists", [&](SettingsReader& below) { load_list(selectors, below); });
  if (plan.format != Format::sql)
    reader.tables("controls", [&](SettingsReader& below) { load_control(selectors, below); });
  for (auto& [field, reason] : reader.pairs("not_carried")) plan.not_carried.emplace(field, reason);
  plan.names = names_in(plan);
  reader.finish();
}

}  // namespace relais::mapping
