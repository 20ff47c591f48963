#include "adapters/mapping/json_document.h"

#include <algorithm>
#include <exception>
#include <set>

#include <nlohmann/json.hpp>

#include "adapters/mapping/rule.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kDepthMax = 64;
constexpr std::size_t kValuesMax = 5'000'000;

/// Builds the tree from the library's events. Answers false to stop the parser.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add(JsonValue::Kind::null, {}); }
  bool boolean(bool value) override { return add(JsonValue::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { return add(JsonValue::Kind::number, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(JsonValue::Kind::number, std::to_string(value)); }
  bool number_float(double, const std::string& written) override { return add(JsonValue::Kind::number, written); }
  bool string(std::string& value) override { return add(JsonValue::Kind::text, std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::list); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    if (!names_.back().insert(name).second) return stop("json.name_twice", {});
    open_.back()->members.push_back({std::move(name), {}});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error_at_ = position == 0 ? 0 : position - 1;
    return stop("json.malformed", {});
  }

  [[nodiscard]] JsonValue& root() { return root_; }
  [[nodiscard]] std::string_view rule() const { return rule_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] std::size_t error_at() const { return error_at_; }

 private:
  bool stop(std::string_view rule, std::string detail) {
    rule_ = rule;
    detail_ = std::move(detail);
    return false;
  }

  /// The place of the next value. Vectors grow while their last element is open, never below an open one.
  JsonValue* place() {
    if (open_.empty()) return &root_;
    auto& above = *open_.back();
    if (above.kind == JsonValue::Kind::object) return &above.members.back().value;
    return &above.items.emplace_back();
  }

  bool add(JsonValue::Kind kind, std::string text) {
    if (++values_ > kValuesMax) return stop("file.too_many_values", std::to_string(kValuesMax));
    auto& value = *place();
    value.kind = kind;
    value.text = std::move(text);
    return true;
  }

  bool open(JsonValue::Kind kind) {
    if (open_.size() == kDepthMax) return stop("json.too_deep", std::to_string(kDepthMax));
    if (++values_ > kValuesMax) return stop("file.too_many_values", std::to_string(kValuesMax));
    auto* const value = place();
    value->kind = kind;
    open_.push_back(value);
    names_.emplace_back();
    return true;
  }

  bool close() {
    open_.pop_back();
    names_.pop_back();
    return true;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::vector<std::set<std::string, std::less<>>> names_;
  std::size_t values_ = 0;
  std::string_view rule_;
  std::string detail_;
  std::size_t error_at_ = 0;
};

std::size_t column_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto end = before.find_last_of("\r\n");
  return before.size() - (end == std::string_view::npos ? 0 : end + 1) + 1;
}

void collect(JsonValue& value, const std::vector<std::string>& steps, std::size_t at, const std::string& here,
             std::vector<std::pair<JsonValue*, std::string>>& found) {
  if (at == steps.size()) {
    found.emplace_back(&value, here);
    return;
  }
  const auto& step = steps[at];
  if (value.kind == JsonValue::Kind::object) {
    if (auto* const below = value.member(step)) collect(*below, steps, at + 1, here + "/" + pointer_step(step), found);
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i)
    if (step == "*" || step == std::to_string(i))
      collect(value.items[i], steps, at + 1, here + "/" + std::to_string(i), found);
}

Json to_library(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::null:
      return nullptr;
    case JsonValue::Kind::boolean:
      return value.text == "true";
    case JsonValue::Kind::text:
      return value.text;
    case JsonValue::Kind::number:
      return Json::parse(value.text);
    case JsonValue::Kind::list: {
      auto list = Json::array();
      for (const auto& item : value.items) list.push_back(to_library(item));
      return list;
    }
    case JsonValue::Kind::object:
      break;
  }
  auto object = Json::object();
  for (const auto& [name, below] : value.members) object[name] = to_library(below);
  return object;
}

}  // namespace

JsonValue* JsonValue::member(std::string_view name) {
  const auto found = std::ranges::find(members, name, [](const auto& one) { return std::string_view(one.name); });
  return found == members.end() ? nullptr : &found->value;
}

std::variant<JsonValue, Fault> parse_json(std::string_view text, std::size_t first_line) {
  // The library takes a null byte for the end of the text.
  if (const auto null = text.find('\0'); null != std::string_view::npos)
    return make_fault("json.malformed", {{}, first_line + line_at(text, null) - 1, column_at(text, null)});
  Builder builder;
  bool good = false;
  try {
    good = Json::sax_parse(text.begin(), text.end(), &builder);
  } catch (const std::exception&) {
    good = false;  // number out of the range of a double
  }
  if (good) return std::move(builder.root());
  const auto rule = builder.rule().empty() ? std::string_view("json.malformed") : builder.rule();
  if (rule != "json.malformed") return make_fault(rule, {{}, 0, 0}, builder.detail());
  const auto line = first_line + line_at(text, builder.error_at()) - 1;
  return make_fault(rule, {{}, line, column_at(text, builder.error_at())});
}

std::string json_text(const JsonValue& value) {
  return to_library(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_pointer(std::string_view pointer) {
  if (pointer.empty()) return true;
  if (pointer.front() != '/') return false;
  for (std::size_t i = 0; i < pointer.size(); ++i)
    if (pointer[i] == '~' && (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')))
      return false;
  return true;
}

std::vector<std::string> pointer_steps(std::string_view pointer) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      steps.emplace_back();
    } else if (!steps.empty() && pointer[i] == '~' && i + 1 < pointer.size()) {
      steps.back() += pointer[++i] == '1' ? '/' : '~';
    } else if (!steps.empty()) {
      steps.back() += pointer[i];
    }
  }
  return steps;
}

std::string pointer_step(std::string_view name) {
  std::string step;
  for (const char c : name) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

std::vector<std::pair<JsonValue*, std::string>> values_at(JsonValue& value, std::string_view pointer) {
  std::vector<std::pair<JsonValue*, std::string>> found;
  collect(value, pointer_steps(pointer), 0, {}, found);
  return found;
}

}  // namespace relais::mapping
