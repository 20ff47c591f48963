// Reads the `from` of the direction in, and the left sides of its fields.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/mapping/load.h"

namespace relais::mapping {

/// Gives selectors their slots and checks their form for the format of the plan.
class SelectorReader {
 public:
  SelectorReader(LoadContext& context, InPlan& plan) : context_(&context), plan_(&plan) {}

  /// The selectors at `key`; `optional`: the column may be missing.
  std::vector<Selector> many(SettingsReader& reader, std::string_view key, bool optional);
  std::optional<Selector> one(SettingsReader& reader, std::string_view key, bool optional);

  std::optional<Condition> condition(SettingsReader& reader, std::string_view key);

  /// from, constant, join, default, required, when, and the conversion.
  Intake intake(SettingsReader& reader);

  [[nodiscard]] LoadContext& context() const { return *context_; }
  [[nodiscard]] InPlan& plan() const { return *plan_; }

 private:
  std::optional<Selector> take(SettingsReader& reader, std::string_view key, const toml::node& node, bool optional);
  std::string_view wrong_form(const Selector& selector) const;
  void conversion(SettingsReader& reader, Conversion& conversion);

  LoadContext* context_;
  InPlan* plan_;
};

/// Patterns of a `date` or `time` key.
std::vector<TimePattern> load_patterns(SettingsReader& reader, std::string_view key, bool moment);

/// Faults when a value that the mapping itself gives (constant, default, meanings of a table) does not fit the field,
/// or when conversion and field do not go together.
void check_intake(SettingsReader& reader, const Intake& intake, const google::protobuf::FieldDescriptor& leaf);

}  // namespace relais::mapping
