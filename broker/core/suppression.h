// Which counts of a table may be shown, so that nobody in a small group can be recognised: neither from a small count
// nor by subtracting what is shown from the totals.
//
// The threshold of 11 and hiding further cells against subtraction follow the practice of official statistics (primary
// and secondary suppression).
#pragma once

#include <cstdint>
#include <vector>

namespace relais::core {

inline constexpr std::uint64_t kSmallestGroup = 11;

/// Counts by group (row) and kind (column). Every row as long as the first.
using Counts2d = std::vector<std::vector<std::uint64_t>>;

/// One row more and one column more than the counts: the totals. Starts with what is hidden for reasons of the
/// caller's own, and says what must be: every count from 1 to kSmallestGroup - 1, and others until no hidden count
/// follows from those shown, and no hidden counts of a row or column are known to sum to less than kSmallestGroup.
using Hidden2d = std::vector<std::vector<bool>>;
[[nodiscard]] Hidden2d nothing_hidden(const Counts2d& counts);
[[nodiscard]] Hidden2d suppress(const Counts2d& counts, Hidden2d hidden);

}  // namespace relais::core
