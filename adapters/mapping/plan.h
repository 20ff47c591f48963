// A mapping file once it is checked: everything that reading and writing need, nothing of TOML.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/mapping/code_table.h"
#include "adapters/mapping/field_path.h"
#include "adapters/mapping/mapping.h"
#include "adapters/mapping/times.h"

namespace relais::mapping {

/// What a `from` of the direction in names. Every distinct one has a slot, which sources resolve once per document.
struct Selector {
  std::string text;        // column name, XPath, JSON pointer; of a column by number: the number
  std::size_t number = 0;  // column by number, from 1; 0: by name
  std::size_t slot = 0;
};

struct Condition {
  Selector from;
  std::vector<std::string> is;  // empty together with `is_not`: filled
  std::vector<std::string> is_not;
  bool filled = true;  // only when both lists are empty
};

/// How a raw value becomes the text form of a field, in the order of docs/mapping.md, section 4.
struct Conversion {
  bool trim = true;
  std::vector<std::string> nulls;
  std::string unpad;
  std::string split;
  const CodeTable* table = nullptr;
  char decimal = 0;  // ',' or '.'; 0: not a decimal number
  std::vector<TimePattern> patterns;
  bool moment = false;
  Precision precision = Precision::day;
  int add_minutes = 0;
  std::size_t max_chars = 0;  // 0: no limit but max_field_bytes
};

/// The left side of a field: where its values come from.
struct Intake {
  std::vector<Selector> from;  // empty: `constant`
  std::optional<std::string> constant;
  std::optional<std::string> join;
  std::optional<std::string> default_value;
  bool required = false;
  std::optional<Condition> when;
  Conversion conversion;
  std::string key;  // of the mapping, for faults that no source field has: "in.fields[3]"
};

struct InField {
  Intake intake;
  FieldPath to;
  std::vector<Body> kinds;  // empty: every kind that has the path
};

struct ListField {
  Intake intake;
  Steps to;
  std::string to_text;
};

struct ListRule {
  Selector each;
  FieldPath to;
  std::vector<ListField> fields;
  std::vector<Body> kinds;
  std::optional<Condition> when;
  std::size_t max = 200;
};

struct KindRule {
  std::vector<Body> constant;
  std::optional<Selector> from;
  const CodeTable* table = nullptr;  // nullptr: `default_value` for every value
  std::optional<std::string> default_value;
  std::optional<std::string> empty;  // kinds of records without a value
};

struct Range {
  std::size_t start = 1;  // from 1
  std::size_t length = 0;
};

struct Control {
  std::string name;
  Selector expected;            // XML, JSON: from the root; CSV: number of the column of the trailer
  Range expected_range;         // fixed width
  std::optional<Selector> sum;  // empty: count of the records
};

struct CsvIn {
  char separator = ';';
  char quote = '"';  // 0: no quoting
  bool header = true;
  std::size_t skip_lines = 0;
  bool fill_short_rows = false;
  std::size_t trailer_column = 0;  // 0: none
  std::string trailer_is;
};

struct LineMark {
  Range range;
  std::vector<std::string> is;  // empty: no mark
};

struct FixedColumn {
  std::string name;
  Range range;
};

struct FixedIn {
  std::vector<FixedColumn> columns;
  std::size_t skip_lines = 0;
  LineMark record;
  LineMark trailer;
  bool fill_short_lines = false;
};

struct XmlIn {
  std::string records;
  std::map<std::string, std::string> namespaces;
  std::string schema;  // text of the XSD; empty: none
};

struct JsonIn {
  std::string records;
  bool lines = false;
};

struct InPlan {
  Format format = Format::csv;
  std::string encoding = "auto";
  KindRule kind;
  std::vector<InField> fields;
  std::vector<ListRule> lists;
  std::vector<Control> controls;
  std::map<std::string, std::string> not_carried;
  std::set<std::string> names;           // of source fields, as this mapping writes them: see names_in()
  std::vector<Selector> selectors;       // by slot
  std::vector<bool> optional_selectors;  // by slot: the column may be missing
  ZoneRule zone;
  bool trim = true;  // unless a field says otherwise
  std::vector<std::string> nulls;
  std::size_t max_file_bytes = 64U << 20U;
  std::size_t max_field_bytes = 64U << 10U;
  std::size_t max_records = 1'000'000;
  std::size_t max_rejects = 100'000;
  CsvIn csv;
  FixedIn fixed;
  XmlIn xml;
  JsonIn json;
};

struct OutField {
  std::vector<FieldPath> from;  // empty: `constant`
  std::optional<std::string> constant;
  std::optional<std::string> join;
  std::optional<std::string> default_value;
  bool required = false;
  std::vector<Body> kinds;  // empty: all of the record
  const CodeTable* table = nullptr;
  const CodeTable* reverse_table = nullptr;
  std::optional<TimePattern> pattern;
  char decimal = 0;
  std::size_t max_chars = 0;
  bool cut = false;
  std::string to;
  std::vector<std::string> to_steps;  // XML: element names, the last perhaps "@name"; JSON: names of objects
  Range range;                        // fixed width
  bool align_right = false;
  char pad = ' ';
};

struct OutRecord {
  std::string name;
  std::vector<Body> kinds;
  std::string element;
  std::vector<OutField> fields;
  std::map<std::string, std::string> not_carried;
  std::size_t line_characters = 0;  // fixed width
};

enum class JsonShape { array, object, lines };

struct OutPlan {
  Format format = Format::csv;
  std::string encoding = "utf-8";
  bool mark = false;
  std::string replacement = "?";
  std::string zone = "Europe/Paris";
  bool flatten_lines = false;
  std::vector<OutRecord> records;
  char separator = ';';
  char quote = '"';
  bool quote_all = false;
  std::string line_end = "\r\n";
  bool header = true;
  bool quote_formulas = false;
  std::string root;
  std::string root_namespace;
  bool indent = true;
  JsonShape shape = JsonShape::array;
};

struct Plan {
  std::string name;
  std::string description;
  std::map<std::string, CodeTable> tables;  // fields point into it
  std::optional<InPlan> in;
  std::optional<OutPlan> out;
};

}  // namespace relais::mapping
