#include "adapters/http/answer_judge.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "adapters/mapping/json_document.h"

namespace relais::http {

namespace {

bool within(const std::vector<StatusRange>& ranges, int status) {
  return std::ranges::any_of(ranges, [&](const auto& r) { return r.least <= status && status <= r.most; });
}

/// "text/html" of "Text/HTML; charset=utf-8".
std::string media_type(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

/// Not about this message: it would meet any other, too.
bool of_the_software(int status) {
  return status < 400 || status >= 500 || status == 401 || status == 403 || status == 404 || status == 405 ||
         status == 407 || status == 429;
}

}  // namespace

std::optional<StatusRange> status_range(std::string_view text) {
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return std::nullopt;
  if (text.substr(1) == "xx") return StatusRange{(text[0] - '0') * 100, (text[0] - '0') * 100 + 99};
  int status = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), status);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return StatusRange{status, status};
}

Judged judge(const JudgeRule& rule, const SoftwareAnswer& answer) {
  if (within(rule.gone, answer.status)) return {Judgement::gone, "webhook.gone", true};
  if (within(rule.refuse, answer.status))
    return {Judgement::refused, fmt::format("software.status_{}", answer.status), false};
  if (!within(rule.success, answer.status))
    return {Judgement::failure, fmt::format("software.status_{}", answer.status), of_the_software(answer.status)};
  if (std::ranges::count(rule.failure_types, media_type(answer.content_type)) != 0)
    return {Judgement::failure, "software.answer_type", true};
  if (rule.success_if) {
    const auto value = value_at(answer.body, rule.success_if->pointer);
    if (!value || std::ranges::count(rule.success_if->is, *value) == 0)
      return {Judgement::failure, "software.answer_content", false};
  }
  return {Judgement::success, {}, false};
}

std::optional<std::string> value_at(std::string_view json, const std::string& pointer) {
  auto parsed = mapping::parse_json(json);
  auto* const root = std::get_if<mapping::JsonValue>(&parsed);
  if (root == nullptr) return std::nullopt;
  const auto found = mapping::values_at(*root, pointer);
  if (found.size() != 1 || !found[0].first->is_scalar() || found[0].first->kind == mapping::JsonValue::Kind::null)
    return std::nullopt;
  return found[0].first->text;
}

}  // namespace relais::http
