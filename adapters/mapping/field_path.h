// Paths into a message, as mapping files write them, and values in and out by protobuf's reflection.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "adapters/mapping/content_types.h"

namespace relais::mapping {

enum class Root { envelope, body, content, local, kind };

enum class Direction { in, out };

/// One field on the way down. `index` and `key` choose an element of a list; at most one is given.
struct Step {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::optional<int> index;
  std::string key;  // of an Identifier: its system
};

using Steps = std::vector<Step>;

struct FieldPath {
  std::string text;   // as in the mapping
  std::string plain;  // without what stands in brackets
  Root root = Root::local;
  v1::Category category = v1::CATEGORY_UNSPECIFIED;  // content only
  std::string local;                                 // local only: "reference", "referral", "appointment"
  Steps steps;                                       // envelope and content
  std::map<Body, Steps> by_kind;                     // body: for each kind that has the field

  /// The way for a message of this kind; nullptr when that kind lacks the field, or there is no way (local, kind).
  [[nodiscard]] const Steps* steps_for(Body body) const;

  /// The last field; of any kind that has it. nullptr for local and kind.
  [[nodiscard]] const google::protobuf::FieldDescriptor* leaf() const;
};

/// Empty: `wrong` says what would be right. The path ends at a single value or a list of values.
std::optional<FieldPath> parse_path(std::string_view text, Direction direction, std::string& wrong);

/// A path to a list of messages of a content, for [[in.lists]].
std::optional<FieldPath> parse_list_path(std::string_view text, std::string& wrong);

/// A path below a message, for the fields of a list.
std::optional<Steps> parse_steps(const google::protobuf::Descriptor& message, std::string_view text,
                                 Direction direction, std::string& wrong);

/// A moment in milliseconds: a 64-bit field whose name says so.
bool is_moment(const google::protobuf::FieldDescriptor& field);

/// Words of an enumeration in lower case without its prefix, without the unspecified one.
std::vector<std::string> words_of(const google::protobuf::EnumDescriptor& type);

/// Sets (or adds to a list) the value in its text form. Answers the rule it breaks, empty when none; `detail` completes
/// it.
std::string_view put(google::protobuf::Message& message, const Steps& steps, const std::string& text,
                     std::string& detail);

/// Adds an element to the list of messages at the end of `steps`.
google::protobuf::Message& add_item(google::protobuf::Message& message, const Steps& steps);

/// All values at the end of `steps` in text form, without empty ones.
std::vector<std::string> values_at(const google::protobuf::Message& message, const Steps& steps);

}  // namespace relais::mapping
