// Code tables: what the software writes, and what Relais says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace relais::mapping {

/// Immutable once the mapping is loaded. Lives as long as the mapping.
struct CodeTable {
  std::string name;
  bool ignore_case = false;
  std::map<std::string, std::string, std::less<>> values;    // keys folded when ignore_case
  std::map<std::string, std::string, std::less<>> reversed;  // empty unless the meanings are distinct
  bool reversible = false;

  [[nodiscard]] std::optional<std::string> find(std::string_view code) const;
  [[nodiscard]] std::optional<std::string> find_reverse(std::string_view meaning) const;
};

}  // namespace relais::mapping
