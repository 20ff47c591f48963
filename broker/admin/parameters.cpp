#include "broker/admin/parameters.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "broker/admin/json.h"
#include "broker/base/ids.h"

namespace relais::admin {

namespace {

using nlohmann::json;

constexpr std::size_t kTextBytesMax = 512;
constexpr const char* kCursor = "what an earlier answer gave as next";
constexpr const char* kTime = "a time in UTC, as in 2026-01-31T14:05:00.000Z";

std::string list_of(const std::vector<std::string>& words) { return fmt::format("one of {}", fmt::join(words, ", ")); }

bool is_one_of(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

base::Status status_of(const std::optional<base::Refusal>& fault) {
  if (fault) return *fault;
  return base::Done{};
}

void keep_first(std::optional<base::Refusal>& fault, std::string field, std::string why) {
  if (!fault) fault = base::refuse(base::RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

}  // namespace

const std::string* Parameters::find(const std::string& name) {
  known_.insert(name);
  const auto found = given_.find(name);
  return found == given_.end() || found->second.empty() ? nullptr : &found->second;
}

void Parameters::fault(const std::string& name, std::string why) { keep_first(fault_, name, std::move(why)); }

std::string Parameters::text(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return {};
  if (given->size() <= kTextBytesMax) return *given;
  fault(name, fmt::format("longer than {} bytes", kTextBytesMax));
  return {};
}

std::string Parameters::word(const std::string& name, const std::vector<std::string>& allowed) {
  const auto* given = find(name);
  if (given == nullptr || is_one_of(allowed, *given)) return given == nullptr ? std::string() : *given;
  fault(name, list_of(allowed));
  return {};
}

std::uint64_t Parameters::number(const std::string& name, std::uint64_t absent, std::uint64_t least,
                                 std::uint64_t most) {
  const auto* given = find(name);
  if (given == nullptr) return absent;
  std::uint64_t value = 0;
  const auto* end = given->data() + given->size();
  const auto read = std::from_chars(given->data(), end, value);
  if (read.ec == std::errc() && read.ptr == end && value >= least && value <= most) return value;
  fault(name, fmt::format("a whole number from {} to {}", least, most));
  return absent;
}

std::string Parameters::id(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return {};
  if (auto bytes = base::id_bytes(*given)) return *bytes;
  fault(name, "an id: 32 hexadecimal digits, with or without hyphens");
  return {};
}

std::string Parameters::cursor(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return {};
  auto bytes = base::unhex(*given);
  if (bytes && given->size() <= kTextBytesMax) return *bytes;
  fault(name, kCursor);
  return {};
}

std::optional<base::Instant> Parameters::time(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return std::nullopt;
  const auto time = parse_iso_time(*given);
  if (!time) fault(name, kTime);
  return time;
}

base::Status Parameters::finish() const {
  for (const auto& [name, value] : given_)
    if (!known_.contains(name)) {
      auto unknown = fault_;
      keep_first(unknown, name, "there is no such parameter here");
      return *unknown;
    }
  return status_of(fault_);
}

const json* Fields::find(const std::string& name) {
  known_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::fault(const std::string& name, std::string why) { keep_first(fault_, where_ + name, std::move(why)); }

std::string Fields::text(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return {};
  if (given->is_string() && given->get_ref<const std::string&>().size() <= kTextBytesMax) return *given;
  fault(name, fmt::format("a text of at most {} bytes", kTextBytesMax));
  return {};
}

std::string Fields::word(const std::string& name, const std::vector<std::string>& allowed) {
  const auto* given = find(name);
  if (given != nullptr && given->is_string() && is_one_of(allowed, *given)) return *given;
  fault(name, list_of(allowed));
  return {};
}

std::vector<std::string> Fields::texts(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return {};
  if (!given->is_array()) {
    fault(name, "a list of texts");
    return {};
  }
  std::vector<std::string> list;
  std::set<std::string> named;
  for (const auto& one : *given) {
    const auto at = fmt::format("{}[{}]", name, list.size());
    if (!one.is_string() || one.get_ref<const std::string&>().size() > kTextBytesMax) {
      fault(at, fmt::format("a text of at most {} bytes", kTextBytesMax));
      return {};
    }
    if (!named.insert(one.get_ref<const std::string&>()).second) {
      fault(at, "it is named twice");
      return {};
    }
    list.push_back(one);
  }
  return list;
}

bool Fields::boolean(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return false;
  if (given->is_boolean()) return given->get<bool>();
  fault(name, "true or false");
  return false;
}

std::string Fields::cursor(const std::string& name) {
  const auto given = text(name);
  if (auto bytes = base::unhex(given)) return *bytes;
  fault(name, kCursor);
  return {};
}

std::optional<base::Instant> Fields::time(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return std::nullopt;
  const auto time = given->is_string() ? parse_iso_time(given->get_ref<const std::string&>()) : std::nullopt;
  if (!time) fault(name, kTime);
  return time;
}

json Fields::object(const std::string& name) {
  const auto* given = find(name);
  if (given == nullptr) return json::object();
  if (given->is_object()) return *given;
  fault(name, "an object");
  return json::object();
}

base::Status Fields::finish() const {
  for (const auto& [name, value] : object_.items())
    if (!known_.contains(name)) {
      auto unknown = fault_;
      keep_first(unknown, where_ + name, "there is no such field here");
      return *unknown;
    }
  return status_of(fault_);
}

}  // namespace relais::admin
