// Counts what no message carries.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/result.h"

namespace relais::mapping {

class LossTally {
 public:
  /// Names of one record (or one message) with a value that nothing took.
  void add_lost(const std::set<std::string>& fields);

  void add_filled(Body kind, const std::set<std::string>& paths);

  [[nodiscard]] LossReport report(const std::map<std::string, std::string>& reasons) const;

 private:
  std::map<std::string, std::size_t> lost_;
  std::map<Body, std::set<std::string>> filled_;
};

/// The reason for `field`: by its name, or by a name that ends with "/*" or ".*" and stands for all below.
std::string reason_for(const std::string& field, const std::map<std::string, std::string>& reasons);

}  // namespace relais::mapping
