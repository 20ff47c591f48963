#include "adapters/mapping/load.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "adapters/mapping/csv_rows.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

constexpr std::uintmax_t kFileBytesMax = 8U << 20U;

std::optional<std::string> read_file(const std::filesystem::path& path, std::string& wrong) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    wrong = "can not be read";
    return std::nullopt;
  }
  if (size > kFileBytesMax) {
    wrong = "is too large";
    return std::nullopt;
  }
  return std::string{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

bool good_name(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

void load_head(LoadContext& context, SettingsReader& root) {
  auto head = root.table("mapping");
  if (!head) {
    root.fault("mapping", "is missing", "a table with name and version");
    return;
  }
  context.plan->name = head->required_text("name", "letters, digits, - and _");
  if (!good_name(context.plan->name)) head->fault("name", "holds other characters", "letters, digits, - and _");
  context.plan->description = head->text("description").value_or("");
  if (!head->has("version")) head->fault("version", "is missing", "1");
  static_cast<void>(head->integer("version", 1, 1));
  head->finish();
}

void fill_from_file(LoadContext& context, SettingsReader& reader, const std::string& file, CodeTable& table) {
  const auto text = read_named_file(context, reader, "file", file);
  if (!text) return;
  if (first_bad_utf8(*text)) {
    reader.fault("file", "is not UTF-8", "a CSV file in UTF-8");
    return;
  }
  CsvRows rows(std::string_view(*text).substr(text->starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0), ';', '"');
  CsvRow row;
  while (rows.next(row)) {
    if (row.broken || row.cells.size() != 2) {
      reader.fault("file", "has a line without two columns: " + std::to_string(row.line), "code;meaning");
      continue;
    }
    const auto code = trimmed(row.cells[0]);
    if (!table.values.emplace(table.ignore_case ? folded(code) : std::string(code), trimmed(row.cells[1])).second)
      reader.fault("file", "has a code twice: line " + std::to_string(row.line), "each code once");
  }
}

void make_reverse(CodeTable& table) {
  table.reversible = true;
  for (const auto& [code, meaning] : table.values)
    if (!table.reversed.emplace(meaning, code).second) table.reversible = false;
}

}  // namespace

std::optional<std::string> read_named_file(LoadContext& context, SettingsReader& reader, std::string_view key,
                                           const std::string& name) {
  std::string wrong;
  auto text = read_file(context.folder / name, wrong);
  if (!text) reader.fault(key, wrong, "a file of at most 8 MiB, relative to the mapping's folder");
  return text;
}

void load_tables(LoadContext& context, SettingsReader& root) {
  root.named_tables("tables", [&](const std::string& name, SettingsReader& reader) {
    auto& table = context.plan->tables[name];
    table.name = name;
    table.ignore_case = reader.flag("ignore_case", false);
    const auto values = reader.pairs("values");
    const auto file = reader.text("file");
    if (reader.has("values") == reader.has("file")) reader.fault("", "has no values", "either values or file");
    for (const auto& [code, meaning] : values)
      if (!table.values.emplace(table.ignore_case ? folded(code) : code, meaning).second)
        reader.fault("values", "has a code twice that differs only in capitals", "each code once");
    if (file) fill_from_file(context, reader, *file, table);
    make_reverse(table);
  });
}

std::string kind_names(bool notices) {
  std::string names;
  for (const auto body : all_bodies())
    if (notices || !is_notice(body)) names += (names.empty() ? "" : ", ") + std::string(name_of(body));
  return names;
}

std::vector<Body> load_kinds(SettingsReader& reader, std::string_view key, bool notices) {
  std::vector<Body> kinds;
  for (const auto& name : reader.texts(key)) {
    const auto body = body_named(name);
    if (!body || (is_notice(*body) && !notices))
      reader.fault(key, "names no kind of message: " + name, kind_names(notices));
    else
      kinds.push_back(*body);
  }
  return kinds;
}

const CodeTable* load_table_name(LoadContext& context, SettingsReader& reader, std::string_view key) {
  const auto name = reader.text(key);
  if (!name) return nullptr;
  const auto found = context.plan->tables.find(*name);
  if (found != context.plan->tables.end()) return &found->second;
  std::string known;
  for (const auto& [one, table] : context.plan->tables) known += (known.empty() ? "" : ", ") + one;
  reader.fault(key, "names no table", known.empty() ? "a table [tables.NAME]" : known);
  return nullptr;
}

Mapping::Loaded Mapping::load(const std::filesystem::path& path) {
  auto plan = std::make_shared<Plan>();
  LoadContext context{{path.string(), {}}, path.parent_path(), plan.get()};
  auto& faults = context.findings.faults;
  std::string wrong;
  const auto text = read_file(path, wrong);
  if (!text) {
    faults.push_back({path.string(), 0, {}, wrong, "a TOML file of at most 8 MiB"});
    return {std::nullopt, std::move(faults)};
  }
  try {
    const toml::table document = toml::parse(*text, path.string());
    SettingsReader root(document, {}, context.findings);
    load_head(context, root);
    load_tables(context, root);
    if (auto in = root.table("in")) load_in(context, *in);
    if (auto out = root.table("out")) load_out(context, *out);
    if (!root.has("in") && !root.has("out")) root.fault("", "has no direction", "[in], [out] or both");
    root.finish();
  } catch (const toml::parse_error& error) {
    faults.push_back(
        {path.string(), error.source().begin.line, {}, "is not TOML: " + std::string(error.description()), {}});
  }
  if (faults.empty()) return {Mapping(std::move(plan)), {}};
  std::ranges::stable_sort(faults, {}, &MappingFault::line);
  return {std::nullopt, std::move(faults)};
}

}  // namespace relais::mapping
