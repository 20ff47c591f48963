// [out]: messages to records.
#include <algorithm>
#include <set>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/json_document.h"
#include "adapters/mapping/load.h"
#include "adapters/mapping/load_selector.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/xml_document.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kColumnMax = 1'000'000;

void load_layout(SettingsReader& reader, OutPlan& plan) {
  auto below = reader.table(name(plan.format));
  if (!below) {
    if (plan.format == Format::xml) reader.fault("xml", "is missing", "[out.xml] with root");
    return;
  }
  if (plan.format == Format::csv) {
    plan.separator = below->character("separator", plan.separator);
    plan.quote = below->character("quote", plan.quote);
    plan.quote_all = below->choice("quoting", {"needed", "all"}) == "all";
    plan.header = below->flag("header", true);
    plan.quote_formulas = below->choice("formulas", {"as_is", "quote"}) == "quote";
  }
  if (plan.format == Format::csv || plan.format == Format::fixed)
    plan.line_end = below->choice("line_end", {"crlf", "lf"}) == "crlf" ? "\r\n" : "\n";
  if (plan.format == Format::xml) {
    plan.root = below->required_text("root", "the name of the root element");
    if (!plan.root.empty() && !is_element_name(plan.root))
      below->fault("root", "is no element name", "letters, digits, - _ .");
    plan.root_namespace = below->text("namespace").value_or("");
  }
  if (plan.format == Format::xml) plan.indent = below->flag("indent", true);
  if (plan.format == Format::json) {
    plan.indent = below->flag("indent", false);
    const auto shape = below->choice("shape", {"array", "object", "lines"});
    plan.shape = shape == "array" ? JsonShape::array : shape == "object" ? JsonShape::object : JsonShape::lines;
    if (plan.shape == JsonShape::lines && plan.indent) below->fault("indent", "stands beside lines", "false");
  }
  below->finish();
}

std::vector<std::string> cut_at(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

void load_place(SettingsReader& reader, const OutPlan& plan, OutField& field) {
  field.to = reader.required_text("to", "a column, an element path or a JSON pointer");
  if (plan.format == Format::xml) {
    field.to_steps = cut_at(field.to, '/');
    for (std::size_t i = 0; i < field.to_steps.size(); ++i) {
      std::string_view step = field.to_steps[i];
      if (i + 1 == field.to_steps.size() && step.starts_with('@')) step.remove_prefix(1);
      if (!is_element_name(step))
        reader.fault("to", "is no path of elements: " + field.to, "Personne/Nom, Personne/@id");
    }
  }
  if (plan.format == Format::json) {
    if (field.to.size() < 2 || !is_pointer(field.to) || field.to.find('*') != std::string::npos)
      reader.fault("to", "is no JSON pointer: " + field.to, "/personne/nom");
    field.to_steps = pointer_steps(field.to);
  }
  if (plan.format != Format::fixed) return;
  if (!reader.has("start")) reader.fault("start", "is missing", "the first character, from 1");
  if (!reader.has("length")) reader.fault("length", "is missing", "the number of characters");
  field.range.start = reader.size("start", 1, kColumnMax);
  field.range.length = reader.size("length", 1, kColumnMax);
  field.align_right = reader.choice("align", {"left", "right"}) == "right";
  field.pad = reader.character("pad", ' ');
}

void load_sources(SettingsReader& reader, OutField& field, bool& moments) {
  for (const auto& text : reader.texts("from")) {
    std::string wrong;
    auto path = parse_path(text, Direction::out, wrong);
    if (!path) {
      reader.fault("from", "is no field of a message: " + text, wrong);
      continue;
    }
    if (const auto* const leaf = path->leaf(); leaf != nullptr && is_moment(*leaf)) moments = true;
    field.from.push_back(std::move(*path));
  }
  field.constant = reader.text("constant");
  field.join = reader.text("join");
  if (reader.has("from") == reader.has("constant")) reader.fault("", "has no value", "either from or constant");
  if (field.from.size() > 1 && !field.join) reader.fault("from", "names several fields", "join = \" \" beside it");
}

void load_form(LoadContext& context, SettingsReader& reader, bool moments, OutField& field) {
  field.default_value = reader.text("default");
  field.required = reader.flag("required", false);
  field.table = load_table_name(context, reader, "table");
  field.reverse_table = load_table_name(context, reader, "reverse_table");
  if (field.reverse_table != nullptr && !field.reverse_table->reversible)
    reader.fault("reverse_table", "has a meaning for several codes", "a table with distinct meanings");
  if (field.table != nullptr && field.reverse_table != nullptr)
    reader.fault("reverse_table", "stands beside table", "one of them");
  if (reader.has("decimal")) field.decimal = reader.choice("decimal", {",", "."})[0];
  const auto dates = load_patterns(reader, "date", false);
  const auto times = load_patterns(reader, "time", true);
  if (!dates.empty()) field.pattern = dates.front();
  if (!times.empty()) field.pattern = times.front();
  if (reader.has("date") && reader.has("time")) reader.fault("time", "stands beside date", "one of date and time");
  if (moments && !reader.has("time")) reader.fault("time", "is missing: the field is a time", "time = \"iso\"");
  if (!moments && reader.has("time")) reader.fault("time", "stands at a field that is no time", "date");
  field.max_chars = reader.size("max_chars", 0, kColumnMax);
  field.cut = reader.choice("overflow", {"refuse", "cut"}) == "cut";
}

void load_field(LoadContext& context, SettingsReader& reader, const OutPlan& plan, OutRecord& record) {
  OutField field;
  bool moments = false;
  load_sources(reader, field, moments);
  load_form(context, reader, moments, field);
  field.kinds = load_kinds(reader, "kinds", true);
  for (const auto kind : field.kinds)
    if (std::ranges::find(record.kinds, kind) == record.kinds.end())
      reader.fault("kinds", "names a kind that this record is not for: " + std::string(name_of(kind)),
                   "kinds of the record");
  load_place(reader, plan, field);
  record.fields.push_back(std::move(field));
}

/// Columns apart and names once, except where several fields share a place for different kinds.
void check_places(SettingsReader& reader, const OutPlan& plan, OutRecord& record) {
  for (const auto& field : record.fields)
    record.line_characters = std::max(record.line_characters, field.range.start + field.range.length - 1);
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& one = record.fields[j];
      const auto& other = record.fields[i];
      if (!one.kinds.empty() && !other.kinds.empty() &&
          std::ranges::none_of(one.kinds, [&](Body kind) { return std::ranges::count(other.kinds, kind) != 0; }))
        continue;
      if (one.to.starts_with(other.to + "/") || other.to.starts_with(one.to + "/"))
        reader.fault("fields", "have a value and a part of it: " + one.to + " and " + other.to, "places apart");
      if (one.to == other.to) reader.fault("fields", "have two values for " + one.to, "one field for each place");
      if (plan.format == Format::fixed && one.range.start < other.range.start + other.range.length &&
          other.range.start < one.range.start + one.range.length)
        reader.fault("fields", "overlap: " + one.to + " and " + other.to, "columns apart");
    }
  }
}

/// True when a message of one of the kinds can lose a field of this name; "household.*" stands for all below.
bool can_be_lost(std::string_view name, const std::vector<Body>& kinds) {
  const bool all_below = name.ends_with(".*");
  if (all_below) name.remove_suffix(2);
  const auto bracket = name.find('[');
  const auto words = cut_at(name.substr(0, bracket), '.');
  const auto below = [&](const google::protobuf::Descriptor* type) {
    const google::protobuf::FieldDescriptor* field = nullptr;
    for (std::size_t i = 1; i < words.size(); ++i) {
      field = type == nullptr ? nullptr : type->FindFieldByName(words[i]);
      if (field == nullptr) return false;
      type = field->message_type();
    }
    const bool identifier = type != nullptr && type->name() == "Identifier";
    if (bracket != std::string_view::npos) return identifier && name.ends_with(']') && !all_below;
    return all_below ? type != nullptr : field != nullptr && (type == nullptr || identifier);
  };
  if (words.front() == "body")
    return std::ranges::any_of(kinds, [&](Body kind) { return below(body_field(kind)->message_type()); });
  const auto* const content = content_type(std::string_view(words.front()));
  return content != nullptr && below(content->prototype->GetDescriptor());
}

void load_reasons(SettingsReader& reader, OutRecord& record) {
  for (auto& [field, reason] : reader.pairs("not_carried")) {
    if (!can_be_lost(field, record.kinds))
      reader.fault("not_carried", "names no field of these messages: " + field, "identity.nationality, household.*");
    record.not_carried.emplace(field, reason);
  }
}

void load_record(LoadContext& context, SettingsReader& reader, OutPlan& plan) {
  OutRecord record;
  record.name = reader.required_text("name", "a name of your choice");
  record.kinds = load_kinds(reader, "kinds", true);
  if (!reader.has("kinds")) reader.fault("kinds", "is missing", kind_names(true));
  if (plan.format == Format::xml) {
    record.element = reader.required_text("element", "the name of the record's element");
    if (!record.element.empty() && !is_element_name(record.element))
      reader.fault("element", "is no element name", "letters, digits, - _ .");
  }
  if (!reader.has("fields")) reader.fault("fields", "is missing", "a list of fields");
  reader.tables("fields", [&](SettingsReader& below) { load_field(context, below, plan, record); });
  check_places(reader, plan, record);
  load_reasons(reader, record);
  const bool twice = std::ranges::find(plan.records, record.name, &OutRecord::name) != plan.records.end();
  if (twice) reader.fault("name", "stands twice", "each name once");
  plan.records.push_back(std::move(record));
}

}  // namespace

void load_out(LoadContext& context, SettingsReader& reader) {
  auto& plan = context.plan->out.emplace();
  const auto format = reader.required_text("format", "csv, fixed, xml, json, sql");
  bool known = false;
  for (const auto one : {Format::csv, Format::fixed, Format::xml, Format::json, Format::sql}) {
    if (name(one) != format) continue;
    plan.format = one;
    known = true;
  }
  if (!known && !format.empty()) reader.fault("format", "is not known", "csv, fixed, xml, json, sql");
  plan.encoding = reader.choice("encoding", writable_encodings());
  if (plan.format == Format::xml || plan.format == Format::json) plan.indent = plan.format == Format::xml;
  plan.mark = reader.flag("bom", false);
  if (plan.mark && !plan.encoding.starts_with("utf-")) reader.fault("bom", "does not exist in this encoding", "false");
  plan.replacement = std::string(1, reader.character("replacement", '?'));
  plan.zone = reader.text("zone").value_or(plan.zone);
  if (!known_zone(plan.zone)) reader.fault("zone", "is not known to this machine", "a name such as Europe/Paris");
  plan.flatten_lines = reader.choice("line_breaks", {"keep", "space"}) == "space" || plan.format == Format::fixed;
  if (known && plan.format != Format::sql) load_layout(reader, plan);
  if (!reader.has("records")) reader.fault("records", "is missing", "[[out.records]]");
  if (known) reader.tables("records", [&](SettingsReader& below) { load_record(context, below, plan); });
  reader.finish();
}

}  // namespace relais::mapping
