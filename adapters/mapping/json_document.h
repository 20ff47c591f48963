// A JSON document as a tree that keeps numbers as they were written, bounds depth and size, and knows what was read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/mapping/fault.h"

namespace relais::mapping {

struct JsonMember;

struct JsonValue {
  enum class Kind { null, boolean, number, text, list, object };

  Kind kind = Kind::null;
  bool carried = false;  // somebody took it: for the loss report
  std::string text;      // of a boolean, number or text
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;

  [[nodiscard]] bool is_scalar() const { return kind != Kind::list && kind != Kind::object; }
  [[nodiscard]] JsonValue* member(std::string_view name);
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

/// The whole of `text` is one JSON value. Faults carry line and column; the line is `first_line` for the first.
std::variant<JsonValue, Fault> parse_json(std::string_view text, std::size_t first_line = 1);

/// As JSON text, without blanks.
std::string json_text(const JsonValue& value);

/// Empty, or "/" before each step; "*" is every item of a list.
bool is_pointer(std::string_view pointer);

/// The steps, with ~1 and ~0 decoded.
std::vector<std::string> pointer_steps(std::string_view pointer);

/// The inverse for one step.
std::string pointer_step(std::string_view name);

/// All values at the pointer, each with its own pointer below `value`.
std::vector<std::pair<JsonValue*, std::string>> values_at(JsonValue& value, std::string_view pointer);

}  // namespace relais::mapping
