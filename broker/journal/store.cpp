#include "broker/journal/store.h"

namespace relais::journal {

std::vector<std::optional<std::string>> Store::get_many(core::TableId table,
                                                        std::span<const std::string_view> keys) const {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const auto key : keys) values.push_back(get(table, key));
  return values;
}

}  // namespace relais::journal
