// Counts what no message carries.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/result.h"

namespace relais::mapping {

class LossTally {
 public:
  /// Names of one record (or one message) with a value that nothing took.
  void add_lost(const std::set<std::string>& fields);

  void add_filled(Body kind, const std::set<std::string>& paths);

  [[nodiscard]] LossReport report(const InPlan& plan) const;
  [[nodiscard]] std::vector<LostField> report(const OutRecord& record) const;

 private:
  std::map<std::string, std::size_t> lost_;
  std::map<Body, std::set<std::string>> filled_;
};

/// The names that the plan gives to source fields: what it reads, and what it says is not carried.
std::set<std::string> names_in(const InPlan& plan);

/// "path/step" as a name of the report. Longer ones than 200 bytes end with an ellipsis: names are the document's, and
/// a deep one with long names would otherwise need memory without bound.
std::string name_below(const std::string& path, std::string_view separator, std::string_view step);

}  // namespace relais::mapping
