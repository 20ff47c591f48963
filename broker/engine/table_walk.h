// A walk through rows for somebody who asks: so many rows, so long. What is left is asked for with a cursor.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/journal/store.h"

namespace relais::engine {

struct WalkLimits {
  std::size_t rows_max = 200'000;
  std::chrono::milliseconds time_max{100};
};

/// One thread. The clock is looked at every few rows only.
class WalkBudget {
 public:
  explicit WalkBudget(WalkLimits limits)
      : limits_(limits), until_(std::chrono::steady_clock::now() + limits.time_max) {}

  /// Counts one more row; false when the walk must stop before it. The first row is always allowed: a walk that
  /// continues at its cursor gets on.
  bool take() {
    if (rows_ > 0 &&
        (rows_ >= limits_.rows_max || (rows_ % kLookEvery == 0 && std::chrono::steady_clock::now() >= until_)))
      return false;
    ++rows_;
    return true;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  static constexpr std::size_t kLookEvery = 32;
  WalkLimits limits_;
  std::chrono::steady_clock::time_point until_;
  std::size_t rows_ = 0;
};

/// Calls visit(key, value) for the rows in [from, to) until it answers false or the limits are reached. Answers the key
/// that was not looked at any more; empty at the end. `visit` may read the store: rows are taken out of the scan in
/// portions first, so that no scan is held open for long.
template <class VisitRow>
std::string walk_rows(const journal::Store& store, core::TableId table, std::string_view from, std::string_view to,
                      WalkLimits limits, const VisitRow& visit) {
  constexpr std::size_t kPortion = 256;
  WalkBudget budget(limits);
  std::string at(from);
  while (true) {
    std::vector<std::pair<std::string, std::string>> rows;
    std::string behind;
    store.scan(table, at, to, [&](std::string_view key, std::string_view value) {
      if (rows.size() == kPortion) {
        behind = key;
        return false;
      }
      rows.emplace_back(key, value);
      return true;
    });
    for (const auto& [key, value] : rows)
      if (!budget.take() || !visit(key, value)) return key;
    if (behind.empty()) return {};
    at = std::move(behind);
  }
}

}  // namespace relais::engine
