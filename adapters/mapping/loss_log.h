// What a mapping does not carry, told while the adapter runs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "adapters/mapping/result.h"

namespace relais::mapping {

/// Says each field once, with its reason, at level info; of fields that the mapping does not name, which may be named
/// after a person, only how many one document had, and again only when there are more. Everything is counted.
///
/// Threads: any. Owned by whoever maps.
class LossLog {
 public:
  enum class Way { in, out };

  /// `count` hears of each value that was not carried; it may be called on any thread that calls tell().
  LossLog(std::string institution, std::function<void(std::uint64_t)> count);

  /// `lost` of one reading or writing whose messages went on. Costs nothing when it is empty.
  void tell(std::string_view mapping, Way way, std::span<const LostField> lost);

 private:
  const std::string institution_;
  const std::function<void(std::uint64_t)> count_;
  std::mutex mutex_;
  std::set<std::tuple<std::string, Way, std::string>> told_;  // mapping, way, name
  std::map<std::pair<std::string, Way>, std::size_t> most_;   // nameless ones told
};

}  // namespace relais::mapping
