#include "adapters/mapping/trial.h"

#include <fstream>
#include <iterator>
#include <optional>

#include <nlohmann/json.hpp>

#include "adapters/mapping/json_document.h"
#include "adapters/mapping/message_json.h"
#include "adapters/mapping/trial_report.h"

namespace relais::mapping {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t kSampleBytesMax = 1U << 30U;

Trial failed(const std::string& file, const std::string& problem, bool as_json) {
  const std::vector<MappingFault> faults = {{file, 0, {}, problem, {}}};
  return {as_json ? faults_json(faults).dump(2) + "\n" : faults_text(faults), false};
}

Trial bad_mapping(const std::vector<MappingFault>& faults, bool as_json) {
  return {as_json ? faults_json(faults).dump(2) + "\n" : faults_text(faults), false};
}

std::optional<std::string> read_sample(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream || size > kSampleBytesMax) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Rows of a database as a JSON list of objects. Empty when it is not that.
std::optional<std::vector<SqlRow>> rows_of(std::string_view text) {
  const auto parsed = parse_json(text);
  const auto* const list = std::get_if<JsonValue>(&parsed);
  if (list == nullptr || list->kind != JsonValue::Kind::list) return std::nullopt;
  std::vector<SqlRow> rows;
  for (const auto& item : list->items) {
    if (item.kind != JsonValue::Kind::object) return std::nullopt;
    auto& row = rows.emplace_back();
    for (const auto& [column, value] : item.members) {
      if (!value.is_scalar()) return std::nullopt;
      const bool null = value.kind == JsonValue::Kind::null;
      row.columns.emplace_back(column, null ? std::nullopt : std::optional(value.text));
    }
  }
  return rows;
}

Trial read_with(const Mapping& mapping, const std::filesystem::path& sample, bool as_json) {
  const auto bytes = read_sample(sample);
  if (!bytes) return failed(sample.string(), "can not be read", as_json);
  const auto name = sample.filename().string();
  ReadResult result;
  if (mapping.in_format() == Format::sql) {
    const auto rows = rows_of(*bytes);
    if (!rows) return failed(sample.string(), "is no JSON list of rows, each an object of columns", as_json);
    result = mapping.read_rows(*rows, name);
  } else {
    result = mapping.read(*bytes, name);
  }
  const bool good = !result.refused() && result.rejects.empty();
  return {as_json ? reading_json(mapping, name, result).dump(2) + "\n" : reading_text(mapping, name, result), good};
}

Trial write_with(const Mapping& mapping, const std::filesystem::path& sample, bool as_json) {
  const auto bytes = read_sample(sample);
  if (!bytes) return failed(sample.string(), "can not be read", as_json);
  const auto json = Json::parse(*bytes, nullptr, false);
  if (!json.is_array()) return failed(sample.string(), "is no JSON list of messages", as_json);
  std::vector<OutgoingMessage> messages;
  for (const auto& item : json) {
    std::string wrong;
    auto message = message_from_json(item, wrong);
    if (!message)
      return failed(sample.string(), "message " + std::to_string(messages.size() + 1) + ": " + wrong, as_json);
    messages.push_back(std::move(*message));
  }
  const auto name = sample.filename().string();
  const auto result = mapping.write(messages);
  return {as_json ? writing_json(mapping, name, result).dump(2) + "\n" : writing_text(mapping, name, result),
          result.failed.empty()};
}

Trial with_mapping(const std::filesystem::path& path, const std::filesystem::path& sample, bool as_json,
                   std::optional<bool> outward) {
  const auto loaded = Mapping::load(path);
  if (!loaded.mapping) return bad_mapping(loaded.faults, as_json);
  const auto& mapping = *loaded.mapping;
  const bool out = outward.value_or(!mapping.in_format());
  if (out && !mapping.out_format()) return failed(path.string(), "has no [out]", as_json);
  if (!out && !mapping.in_format()) return failed(path.string(), "has no [in]", as_json);
  return out ? write_with(mapping, sample, as_json) : read_with(mapping, sample, as_json);
}

}  // namespace

Trial try_reading(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json) {
  return with_mapping(mapping, sample, as_json, false);
}

Trial try_writing(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json) {
  return with_mapping(mapping, sample, as_json, true);
}

Trial try_mapping(const std::filesystem::path& mapping, const std::filesystem::path& sample, bool as_json) {
  return with_mapping(mapping, sample, as_json, std::nullopt);
}

Trial check_mapping(const std::filesystem::path& mapping, bool as_json) {
  const auto loaded = Mapping::load(mapping);
  if (!loaded.mapping) return bad_mapping(loaded.faults, as_json);
  const auto text = mapping.string() + ": good\n";
  return {as_json ? Json{{"mapping", loaded.mapping->name()}, {"faults", Json::array()}}.dump(2) + "\n" : text, true};
}

}  // namespace relais::mapping
