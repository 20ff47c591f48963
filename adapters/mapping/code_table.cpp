#include "adapters/mapping/code_table.h"

#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

std::optional<std::string> look_up(const std::map<std::string, std::string, std::less<>>& table, std::string_view key) {
  const auto found = table.find(key);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<std::string> CodeTable::find(std::string_view code) const {
  return ignore_case ? look_up(values, folded(code)) : look_up(values, code);
}

std::optional<std::string> CodeTable::find_reverse(std::string_view meaning) const {
  return look_up(reversed, meaning);
}

}  // namespace relais::mapping
