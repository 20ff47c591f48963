// The parts of Mapping::load: TOML to Plan. Every function reports its faults and goes on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/settings_reader.h"

namespace relais::mapping {

struct LoadContext {
  Findings findings;
  std::filesystem::path folder;  // of the mapping file
  Plan* plan = nullptr;
};

/// A file named by the mapping, below its folder; empty with a fault at `key`.
std::optional<std::string> read_named_file(LoadContext& context, SettingsReader& reader, std::string_view key,
                                           const std::string& name);

void load_tables(LoadContext& context, SettingsReader& root);
void load_in(LoadContext& context, SettingsReader& reader);
void load_out(LoadContext& context, SettingsReader& reader);

/// [in.csv], [in.fixed], [in.xml] or [in.json], whichever the format names; the others are refused as unknown keys.
void load_in_format(LoadContext& context, SettingsReader& reader, InPlan& plan);

/// Kinds of the list at `key`, empty when absent. `notices`: those that only the broker says may be named.
std::vector<Body> load_kinds(SettingsReader& reader, std::string_view key, bool notices);

/// The code table named at `key`; nullptr when absent or, with a fault, unknown.
const CodeTable* load_table_name(LoadContext& context, SettingsReader& reader, std::string_view key);

std::string kind_names(bool notices);

}  // namespace relais::mapping
