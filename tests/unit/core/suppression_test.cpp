// What is hidden can not be found: checked by an attacker who solves the equations that the totals give.
#include "broker/core/suppression.h"

#include <random>

#include <gtest/gtest.h>

namespace relais::core {
namespace {

using Rational = long double;

/// Whether the count of a cell follows from what is shown: the equations of all rows and columns, solved for the hidden
/// cells by elimination.
class Attacker {
 public:
  Attacker(const Counts2d& counts, const Hidden2d& hidden) : hidden_(hidden) {
    const auto rows = counts.size(), columns = counts.front().size();
    for (std::size_t row = 0; row <= rows; ++row)
      for (std::size_t column = 0; column <= columns; ++column)
        if (hidden[row][column]) unknown_.push_back({row, column});
    for (std::size_t row = 0; row <= rows; ++row)
      add_equation([&](auto at) { return at.first == row; }, [&](auto at) { return at.second == columns; });
    for (std::size_t column = 0; column <= columns; ++column)
      add_equation([&](auto at) { return at.second == column; }, [&](auto at) { return at.first == rows; });
    eliminate();
  }

  /// Hidden cells that some combination of the equations names alone.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> found() const {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (const auto& equation : equations_) {
      std::size_t named = 0, last = 0;
      for (std::size_t i = 0; i < equation.size(); ++i)
        if (std::abs(equation[i]) > 1e-9L) ++named, last = i;
      if (named == 1) all.push_back(unknown_[last]);
    }
    return all;
  }

 private:
  template <class In, class IsTotal>
  void add_equation(In in, IsTotal is_total) {
    std::vector<Rational> equation;
    for (const auto& at : unknown_) equation.push_back(!in(at) ? 0 : is_total(at) ? -1 : 1);
    equations_.push_back(std::move(equation));
  }

  /// To reduced row echelon form: a cell is determined exactly when a row of it names that cell alone.
  void eliminate() {
    std::size_t done = 0;
    for (std::size_t column = 0; column < unknown_.size() && done < equations_.size(); ++column) {
      auto pivot = done;
      while (pivot < equations_.size() && std::abs(equations_[pivot][column]) < 1e-9L) ++pivot;
      if (pivot == equations_.size()) continue;
      std::swap(equations_[pivot], equations_[done]);
      const auto factor = equations_[done][column];
      for (auto& value : equations_[done]) value /= factor;
      for (std::size_t row = 0; row < equations_.size(); ++row) {
        if (row == done) continue;
        const auto times = equations_[row][column];
        for (std::size_t i = 0; i < unknown_.size(); ++i) equations_[row][i] -= times * equations_[done][i];
      }
      ++done;
    }
  }

  const Hidden2d& hidden_;
  std::vector<std::pair<std::size_t, std::size_t>> unknown_;
  std::vector<std::vector<Rational>> equations_;
};

std::size_t hidden_cells(const Hidden2d& hidden) {
  std::size_t count = 0;
  for (const auto& row : hidden)
    for (const bool cell : row) count += cell ? 1 : 0;
  return count;
}

TEST(Suppression, large_groups_are_shown_whole) {
  const Counts2d counts{{20, 30}, {40, 0}};
  EXPECT_EQ(hidden_cells(suppress(counts, nothing_hidden(counts))), 0u);
}

TEST(Suppression, one_small_count_takes_others_with_it) {
  const Counts2d counts{{20, 3}, {40, 50}, {30, 31}};
  const auto hidden = suppress(counts, nothing_hidden(counts));
  EXPECT_TRUE(hidden[0][1]);
  EXPECT_GE(hidden_cells(hidden), 4u) << "a row and a column with one hidden count give it away";
  EXPECT_TRUE(Attacker(counts, hidden).found().empty());
}

TEST(Suppression, a_table_that_is_too_small_shows_nothing_but_zeros) {
  const Counts2d counts{{2, 1}, {0, 3}};
  const auto hidden = suppress(counts, nothing_hidden(counts));
  EXPECT_TRUE(hidden[0][0] && hidden[0][1] && hidden[1][1] && hidden[2][2]);
}

TEST(Suppression, what_the_caller_hides_stays_hidden_and_does_not_follow_either) {
  const Counts2d counts{{20, 30}, {40, 50}};
  auto given = nothing_hidden(counts);
  given[2][0] = true;
  const auto hidden = suppress(counts, given);
  EXPECT_TRUE(hidden[2][0]);
  EXPECT_TRUE(Attacker(counts, hidden).found().empty());
}

TEST(Suppression, no_table_lets_anybody_find_a_hidden_count_or_a_small_sum) {
  std::mt19937 random(20261126);
  for (int table = 0; table < 2'000; ++table) {
    const std::size_t rows = 1 + random() % 6, columns = 2 + random() % 4;
    Counts2d counts(rows, std::vector<std::uint64_t>(columns, 0));
    for (auto& row : counts)
      for (auto& count : row) count = random() % 4 == 0 ? 0 : random() % 3 == 0 ? random() % 12 : random() % 60;
    const auto hidden = suppress(counts, nothing_hidden(counts));
    ASSERT_TRUE(Attacker(counts, hidden).found().empty()) << "table " << table;
    for (std::size_t row = 0; row < rows; ++row) {
      std::uint64_t sum = 0;
      bool any = false;
      for (std::size_t column = 0; column < columns; ++column) {
        const auto count = counts[row][column];
        if (hidden[row][column]) any = true, sum += count;
        ASSERT_TRUE(count == 0 || count >= kSmallestGroup || hidden[row][column]) << "table " << table;
      }
      ASSERT_TRUE(!any || hidden[row][columns] || sum >= kSmallestGroup) << "table " << table << ", row " << row;
    }
  }
}

}  // namespace
}  // namespace relais::core
