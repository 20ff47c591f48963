#include "broker/base/toml_reader.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "broker/base/crypto.h"
#include "broker/base/time_text.h"

namespace relais::base {

namespace {

constexpr std::uintmax_t kFileBytesMax = 8U << 20U;

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a decimal number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    default:
      return "nothing";
  }
}

Place place_in(const std::string& file, const toml::source_region& region) {
  return {file, static_cast<unsigned>(region.begin.line)};
}

/// `path` is `whole` or a part of it.
bool within(std::string_view path, std::string_view whole) {
  if (!path.starts_with(whole)) return false;
  return path.size() == whole.size() || path[whole.size()] == '.' || path[whole.size()] == '[';
}

std::chrono::seconds of_day(const toml::time& time) {
  return std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) + std::chrono::seconds(time.second);
}

std::optional<Instant> day(const toml::date& date, bool last_day) {
  const auto start = paris_time(date.year, date.month, date.day, std::chrono::seconds(0));
  if (!start || !last_day) return start;
  // The next day begins 23 to 25 hours later; noon of it is safe to take the date from.
  const auto noon = *start + std::chrono::hours(36);
  const auto days = std::chrono::floor<std::chrono::days>(noon);
  const std::chrono::year_month_day next(days);
  return paris_time(int(next.year()), unsigned(next.month()), unsigned(next.day()), std::chrono::seconds(0));
}

std::optional<Instant> moment(const toml::date_time& stamp) {
  if (!stamp.offset) return paris_time(stamp.date.year, stamp.date.month, stamp.date.day, of_day(stamp.time));
  const std::chrono::year_month_day ymd{std::chrono::year(stamp.date.year), std::chrono::month(stamp.date.month),
                                        std::chrono::day(stamp.date.day)};
  if (!ymd.ok()) return std::nullopt;
  return Instant(std::chrono::sys_days(ymd)) + of_day(stamp.time) - std::chrono::minutes(stamp.offset->minutes);
}

}  // namespace

void Findings::add(Place place, std::string path, std::string problem, std::string allowed) {
  violations_.push_back({std::move(place), std::move(path), std::move(problem), std::move(allowed)});
}

Place Findings::place_of(std::string path) const {
  while (true) {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
    const auto end = path.find_last_of(".[");
    if (end == std::string::npos) break;
    path.resize(end);
  }
  const auto whole = places_.find("");
  return whole == places_.end() ? Place{} : whole->second;
}

bool Findings::spoke_of(std::string_view path) const {
  return std::ranges::any_of(violations_, [&](const FileViolation& said) {
    return !said.path.empty() && (within(path, said.path) || within(said.path, path));
  });
}

std::optional<toml::table> read_toml(const std::filesystem::path& path, const std::string& file, Findings& findings) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    findings.add({file, 0}, {}, "can not be read", {});
    return std::nullopt;
  }
  if (size > kFileBytesMax) {
    findings.add({file, 0}, {}, "is too large", "at most 8 MiB");
    return std::nullopt;
  }
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& wrong) {
    findings.add(place_in(file, wrong.source()), {}, "is not TOML: " + std::string(wrong.description()), {});
    return std::nullopt;
  }
}

TableReader::TableReader(const toml::table& table, std::string file, std::string path, Findings& findings)
    : table_(&table), file_(std::move(file)), path_(std::move(path)), findings_(&findings) {
  if (!path_.empty()) findings_->locate(path_, place_in(file_, table.source()));
}

std::string TableReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const toml::node* TableReader::find(std::string_view key, std::string_view name) {
  asked_.emplace_back(key);
  const toml::node* const node = table_->get(key);
  if (node != nullptr) findings_->locate(path_of(name), place_in(file_, node->source()));
  return node;
}

void TableReader::wrong_kind(std::string_view key, const toml::node& found, std::string_view wanted) {
  findings_->add(place_in(file_, found.source()), path_of(key), "is " + std::string(kind_of(found)),
                 std::string(wanted));
}

void TableReader::fault(std::string_view key, std::string_view name, std::string problem, std::string allowed) {
  const toml::node* const node = table_->get(key);
  const auto place = place_in(file_, node == nullptr ? table_->source() : node->source());
  findings_->add(place, path_of(name), std::move(problem), std::move(allowed));
}

std::string TableReader::text(std::string_view key, std::string_view name) {
  const toml::node* const node = find(key, name.empty() ? key : name);
  if (node == nullptr) return {};
  if (const auto value = node->value_exact<std::string>()) return *value;
  wrong_kind(name.empty() ? key : name, *node, "a text in quotes");
  return {};
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> values;
  const toml::node* const node = find(key, key);
  if (node == nullptr) return values;
  const toml::array* const list = node->as_array();
  if (list == nullptr) {
    wrong_kind(key, *node, "a list of texts");
    return values;
  }
  for (const auto& item : *list) {
    const std::string name = std::string(key) + "[" + std::to_string(values.size()) + "]";
    findings_->locate(path_of(name), place_in(file_, item.source()));
    if (!item.is_string()) wrong_kind(name, item, "a text in quotes");
    values.push_back(item.value_or(std::string()));
  }
  return values;
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t least) {
  const toml::node* const node = find(key, key);
  if (node == nullptr) return 0;
  const auto value = node->value_exact<std::int64_t>();
  const std::string wanted = "a whole number from " + std::to_string(least);
  if (!value)
    wrong_kind(key, *node, wanted);
  else if (*value < least)
    fault(key, key, "is " + std::to_string(*value), wanted);
  else
    return *value;
  return 0;
}

bool TableReader::boolean(std::string_view key) {
  const toml::node* const node = find(key, key);
  if (node == nullptr) return false;
  if (!node->is_boolean()) wrong_kind(key, *node, "true or false, without quotes");
  return node->value_exact<bool>().value_or(false);
}

std::string TableReader::key_bytes(std::string_view key) {
  const std::string written = text(key);
  auto bytes = from_base64(written);
  if (bytes) return std::move(*bytes);
  fault(key, key, "is not base64", "32 bytes as 44 characters of base64");
  return {};
}

std::int64_t TableReader::duration(std::string_view key) {
  const toml::node* const node = find(key, key);
  if (node == nullptr) return 0;
  const std::string_view wanted = "a duration such as \"45m\", \"72h\" or \"10d\"";
  const auto written = node->value_exact<std::string>();
  if (!written) {
    wrong_kind(key, *node, wanted);
    return 0;
  }
  const auto value = parse_duration(*written);
  if (!value) fault(key, key, "is not a duration", std::string(wanted));
  return value.value_or(Milliseconds(0)).count();
}

std::int64_t TableReader::date(std::string_view key, bool last_day) {
  const toml::node* const node = find(key, key);
  if (node == nullptr) return 0;
  std::optional<Instant> instant;
  if (const auto* const date = node->as_date()) {
    instant = day(date->get(), last_day);
  } else if (const auto* const stamp = node->as_date_time()) {
    instant = moment(stamp->get());
  } else {
    wrong_kind(key, *node, "a date such as 2026-01-31, without quotes");
    return 0;
  }
  if (!instant) fault(key, key, "does not exist", "a moment of the calendar in France");
  return instant ? to_ms(*instant) : 0;
}

std::vector<std::int32_t> TableReader::days(std::string_view key) {
  std::vector<std::int32_t> found;
  const toml::node* const node = find(key, key);
  if (node == nullptr) return found;
  const std::string_view wanted = "a list of dates such as [2026-05-15], without quotes";
  const auto* const array = node->as_array();
  if (array == nullptr) {
    wrong_kind(key, *node, wanted);
    return found;
  }
  for (const auto& item : *array) {
    const auto* const date = item.as_date();
    if (date == nullptr) {
      wrong_kind(key, item, wanted);
      continue;
    }
    const auto& written = date->get();
    const std::chrono::year_month_day day(std::chrono::year(written.year), std::chrono::month(written.month),
                                          std::chrono::day(written.day));
    found.push_back(static_cast<std::int32_t>(std::chrono::sys_days(day).time_since_epoch().count()));
  }
  return found;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const toml::node* const node = find(key, key);
  if (node == nullptr) return std::nullopt;
  if (const toml::table* const inner = node->as_table()) return TableReader(*inner, file_, path_of(key), *findings_);
  wrong_kind(key, *node, "a table");
  return std::nullopt;
}

void TableReader::each_table(std::string_view key, const std::function<void(const toml::table&, int)>& visit) {
  asked_.emplace_back(key);
  const toml::node* const node = table_->get(key);
  if (node == nullptr) return;
  const toml::array* const list = node->as_array();
  if (list == nullptr) {
    wrong_kind(key, *node, "tables headed [[" + std::string(key) + "]]");
    return;
  }
  int index = 0;
  for (const auto& item : *list) {
    if (const toml::table* const element = item.as_table())
      visit(*element, index++);
    else
      wrong_kind(key, item, "tables headed [[" + std::string(key) + "]]");
  }
}

void TableReader::tables(std::string_view key, std::string_view name,
                         const std::function<void(TableReader&, int)>& read) {
  each_table(key, [&](const toml::table& element, int index) {
    TableReader reader(element, file_, path_of(std::string(name) + "[" + std::to_string(index) + "]"), *findings_);
    read(reader, index);
    reader.finish();
  });
}

void TableReader::named_tables(std::string_view key, const std::function<std::string(std::string_view id)>& name_of,
                               const std::function<void(TableReader&)>& read) {
  each_table(key, [&](const toml::table& element, int) {
    const std::string id = element["id"].value_or(std::string());
    TableReader reader(element, file_, path_of(name_of(id)), *findings_);
    read(reader);
    reader.finish();
  });
}

void TableReader::finish() {
  for (const auto& [key, node] : *table_) {
    if (std::ranges::find(asked_, key.str()) != asked_.end()) continue;
    std::string allowed;
    for (const auto& name : asked_) allowed += (allowed.empty() ? "" : ", ") + name;
    findings_->add(place_in(file_, key.source()), path_of(key.str()), "is not a known key", std::move(allowed));
  }
}

}  // namespace relais::base
