// [in.csv], [in.fixed], [in.xml], [in.json].
#include <algorithm>
#include <set>

#include "adapters/mapping/json_document.h"
#include "adapters/mapping/load.h"
#include "adapters/mapping/xml_document.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kLinesMax = 1000;
constexpr std::size_t kPlaceMax = 1'000'000;

void load_csv(SettingsReader& reader, CsvIn& csv) {
  csv.separator = reader.character("separator", csv.separator);
  csv.quote = reader.character("quote", csv.quote, "none");
  if (csv.separator == csv.quote) reader.fault("separator", "is the quote", "another character");
  csv.header = reader.flag("header", true);
  csv.skip_lines = reader.size("skip_lines", 0, kLinesMax);
  csv.fill_short_rows = reader.choice("short_rows", {"refuse", "fill"}) == "fill";
  if (auto below = reader.table("trailer")) {
    csv.trailer_column = below->size("column", 1, kPlaceMax);
    csv.trailer_is = below->required_text("is", "the text of that cell");
    below->finish();
  }
}

Range range_of(SettingsReader& reader) {
  Range range;
  if (!reader.has("start")) reader.fault("start", "is missing", "the first character, from 1");
  if (!reader.has("length")) reader.fault("length", "is missing", "the number of characters");
  range.start = reader.size("start", 1, kPlaceMax);
  range.length = reader.size("length", 1, kPlaceMax);
  return range;
}

LineMark load_mark(SettingsReader& reader, std::string_view key) {
  LineMark mark;
  if (auto below = reader.table(key)) {
    mark.range = range_of(*below);
    mark.is = below->texts("is");
    if (mark.is.empty()) below->fault("is", "is missing", "the texts that mark such a line");
    below->finish();
  }
  return mark;
}

void check_overlaps(SettingsReader& reader, std::vector<FixedColumn> columns) {
  std::ranges::sort(columns, {}, [](const FixedColumn& one) { return one.range.start; });
  for (std::size_t i = 1; i < columns.size(); ++i)
    if (columns[i - 1].range.start + columns[i - 1].range.length > columns[i].range.start)
      reader.fault("columns", "overlap: " + columns[i - 1].name + " and " + columns[i].name, "columns apart");
}

void load_fixed(SettingsReader& reader, FixedIn& fixed) {
  if (!reader.has("columns")) reader.fault("columns", "is missing", "a list of { name, start, length }");
  std::set<std::string> names;
  reader.tables("columns", [&](SettingsReader& below) {
    FixedColumn column{below.required_text("name", "a name of your choice"), range_of(below)};
    if (!names.insert(column.name).second) below.fault("name", "stands twice", "each name once");
    fixed.columns.push_back(std::move(column));
  });
  check_overlaps(reader, fixed.columns);
  fixed.skip_lines = reader.size("skip_lines", 0, kLinesMax);
  fixed.record = load_mark(reader, "record");
  fixed.trailer = load_mark(reader, "trailer");
  fixed.fill_short_lines = reader.choice("short_lines", {"refuse", "fill"}) == "fill";
}

void load_xml(LoadContext& context, SettingsReader& reader, XmlIn& xml) {
  for (auto& [prefix, uri] : reader.pairs("namespaces")) xml.namespaces.emplace(prefix, uri);
  xml.records = reader.required_text("records", "an XPath such as /Racine/Dossier");
  if (!xml.records.empty() && !is_xpath(xml.records, xml.namespaces))
    reader.fault("records", "can not be read", "an XPath 1.0 expression");
  const auto schema = reader.text("schema");
  if (!schema) return;
  auto text = read_named_file(context, reader, "schema", *schema);
  if (!text) return;
  xml.schema = std::move(*text);
  if (!is_schema(xml.schema))
    reader.fault("schema", "is no XML schema that stands alone", "an XSD without include or import");
}

void load_json(SettingsReader& reader, JsonIn& json) {
  json.records = reader.text("records").value_or("");
  if (!is_pointer(json.records) || json.records.find('*') != std::string::npos)
    reader.fault("records", "can not be read", "a JSON pointer such as /items");
  json.lines = reader.flag("lines", false);
  if (json.lines && reader.has("records")) reader.fault("records", "stands beside lines", "one of them");
}

}  // namespace

void load_in_format(LoadContext& context, SettingsReader& reader, InPlan& plan) {
  if (plan.format == Format::sql) return;
  auto below = reader.table(name(plan.format));
  const bool needed = plan.format == Format::fixed || plan.format == Format::xml;
  if (!below) {
    if (needed) reader.fault(name(plan.format), "is missing", "a table, see docs/mapping.md, section 3");
    return;
  }
  if (plan.format == Format::csv) load_csv(*below, plan.csv);
  if (plan.format == Format::fixed) load_fixed(*below, plan.fixed);
  if (plan.format == Format::xml) load_xml(context, *below, plan.xml);
  if (plan.format == Format::json) load_json(*below, plan.json);
  below->finish();
}

}  // namespace relais::mapping
