// For which institution somebody asks is said by the token alone: no institution and no token stands in two tables.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "broker/base/toml_reader.h"

namespace relais::http {

class Speakers {
 public:
  /// A fault of `table` for what stands in one that was added before.
  void add(base::TableReader& table, const std::string& institution, const std::vector<std::string>& tokens);

 private:
  std::set<std::string> institutions_;
  std::set<std::string> tokens_;
};

}  // namespace relais::http
