#include "adapters/http/parameters.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "adapters/mapping/times.h"
#include "broker/base/ids.h"

namespace relais::http {

namespace {

constexpr std::size_t kTextBytesMost = 200;
constexpr std::string_view kTextExpected = "a text of at most 200 bytes";

ProblemPart part_of(const Problem& made) {
  ProblemPart part;
  part.code = made.code;
  part.field = made.field;
  part.english = made.english;
  part.french = made.french;
  return part;
}

/// One problem out of its parts: the first says the code.
Problem gathered(std::vector<ProblemPart> parts, int status) {
  Problem made;
  made.status = status;
  made.code = parts.front().code;
  made.field = parts.front().field;
  made.english = parts.front().english;
  made.french = parts.front().french;
  made.parts = std::move(parts);
  return made;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

const std::string* Parameters::find(const std::string& name) {
  known_.insert(name);
  const auto [first, last] = given_.equal_range(name);
  if (first == last) return nullptr;
  if (std::next(first) != last) {
    fault(name, "one value");
    return nullptr;
  }
  return first->second.empty() ? nullptr : &first->second;
}

void Parameters::fault(const std::string& name, std::string_view expected) {
  faults_.push_back(part_of(problem("parameter.invalid", expected, name)));
}

std::string Parameters::text(const std::string& name) {
  const auto* const given = find(name);
  if (given == nullptr) return {};
  if (given->size() <= kTextBytesMost) return *given;
  fault(name, kTextExpected);
  return {};
}

std::uint64_t Parameters::number(const std::string& name, std::uint64_t absent, std::uint64_t least,
                                 std::uint64_t most) {
  const auto* const given = find(name);
  if (given == nullptr) return absent;
  std::uint64_t value = 0;
  const auto* const end = given->data() + given->size();
  const auto read = std::from_chars(given->data(), end, value);
  if (read.ec == std::errc() && read.ptr == end && value >= least && value <= most) return value;
  fault(name, fmt::format("a whole number from {} to {}", least, most));
  return absent;
}

bool Parameters::flag(const std::string& name) {
  const auto* const given = find(name);
  if (given == nullptr || *given == "false") return false;
  if (*given != "true") fault(name, "true or false");
  return true;
}

std::int64_t Parameters::time(const std::string& name) {
  const auto* const given = find(name);
  if (given == nullptr) return 0;
  std::string wrong;
  static const auto patterns = mapping::make_patterns("iso", /*moment=*/true, wrong);
  const auto moment = mapping::parse_moment(*given, patterns, {});
  if (moment.value) return *moment.value;
  fault(name, "a time such as 2026-01-31T09:30:00Z");
  return 0;
}

std::optional<Problem> Parameters::finish() {
  for (const auto& [name, value] : given_)
    if (known_.insert(name).second) faults_.push_back(part_of(problem("parameter.unknown", {}, name)));
  if (faults_.empty()) return std::nullopt;
  return gathered(std::move(faults_), 400);
}

std::variant<std::map<std::string, std::string>, Problem> text_fields(const std::string& content_type,
                                                                      const std::string& body,
                                                                      const std::vector<std::string>& allowed) {
  std::map<std::string, std::string> fields;
  if (body.empty()) return fields;
  if (!is_json(content_type)) return problem("content_type.wrong", {}, "Content-Type");
  const auto json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return problem("body.not_object");
  std::vector<ProblemPart> faults;
  for (const auto& [name, value] : json.items()) {
    if (std::ranges::count(allowed, name) == 0)
      faults.push_back(part_of(problem("field.unknown", {}, "/" + name)));
    else if (!value.is_string() || value.get_ref<const std::string&>().size() > kTextBytesMost)
      faults.push_back(part_of(problem("field.invalid", kTextExpected, "/" + name)));
    else
      fields[name] = value.get<std::string>();
  }
  if (!faults.empty()) return gathered(std::move(faults), 422);
  return fields;
}

bool is_json(const std::string& content_type) {
  const auto whole = lower(content_type);
  auto type = whole.substr(0, whole.find(';'));
  type.erase(type.find_last_not_of(' ') + 1);
  const bool json = type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
  const auto charset = whole.find("charset=");
  if (charset == std::string::npos) return json;
  const auto name = whole.substr(charset + 8);
  return json && (name.starts_with("utf-8") || name.starts_with("\"utf-8\""));
}

std::optional<std::string> id_of(const std::string& text) { return base::id_bytes(text); }

}  // namespace relais::http
