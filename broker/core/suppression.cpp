#include "broker/core/suppression.h"

#include <limits>
#include <optional>

#include "broker/base/check.h"

namespace relais::core {

namespace {

struct Cell {
  std::size_t row;
  std::size_t column;
};

/// The table with its totals as last row and last column: in each line the last cell is the sum of the others.
class Table {
 public:
  Table(const Counts2d& counts, Hidden2d hidden) : counts_(counts), hidden_(std::move(hidden)) {
    const std::size_t columns = counts.front().size();
    std::vector<std::uint64_t> sums(columns + 1, 0);
    for (auto& row : counts_) {
      std::uint64_t sum = 0;
      for (std::size_t column = 0; column < columns; ++column) {
        sum += row[column];
        sums[column] += row[column];
      }
      row.push_back(sum);
      sums[columns] += sum;
    }
    counts_.push_back(std::move(sums));
  }

  [[nodiscard]] std::size_t rows() const { return counts_.size(); }
  [[nodiscard]] std::size_t columns() const { return counts_.front().size(); }
  [[nodiscard]] std::uint64_t count(Cell at) const { return counts_[at.row][at.column]; }
  [[nodiscard]] bool hidden(Cell at) const { return hidden_[at.row][at.column]; }
  void hide(Cell at) { hidden_[at.row][at.column] = true; }
  [[nodiscard]] Hidden2d take() { return std::move(hidden_); }

  /// The cells of one line, its total last.
  [[nodiscard]] std::vector<Cell> row(std::size_t row) const {
    std::vector<Cell> line;
    for (std::size_t column = 0; column < columns(); ++column) line.push_back({row, column});
    return line;
  }
  [[nodiscard]] std::vector<Cell> column(std::size_t column) const {
    std::vector<Cell> line;
    for (std::size_t row = 0; row < rows(); ++row) line.push_back({row, column});
    return line;
  }

 private:
  Counts2d counts_;
  Hidden2d hidden_;
};

/// The shown cell among `cells` whose loss costs least: the smallest, empty ones last.
std::optional<Cell> cheapest(const Table& table, const std::vector<Cell>& cells) {
  std::optional<Cell> best;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const auto& cell : cells) {
    if (table.hidden(cell)) continue;
    const auto count = table.count(cell);
    const auto cost = count == 0 ? std::numeric_limits<std::uint64_t>::max() - 1 : count;
    if (cost >= least) continue;
    least = cost;
    best = cell;
  }
  return best;
}

/// Where the total is shown, the sum of what is hidden of the line is known: it must be of a group large enough.
bool widen(Table& table, std::vector<Cell> line) {
  const Cell total = line.back();
  line.pop_back();
  if (table.hidden(total)) return false;
  bool any = false;
  std::uint64_t sum = 0;
  for (const auto& cell : line)
    if (table.hidden(cell)) {
      any = true;
      sum += table.count(cell);
    }
  if (!any || sum >= kSmallestGroup) return false;
  const auto more = cheapest(table, line);
  table.hide(more && table.count(*more) > 0 ? *more : total);
  return true;
}

/// Rows and columns as nodes, hidden cells as edges between them: a hidden count follows from the shown ones exactly
/// when no other way of edges joins its row and its column.
class Graph {
 public:
  explicit Graph(const Table& table) : table_(table) {}

  /// Nodes reached from the row of `without`, that edge left out. Rows first, then columns.
  [[nodiscard]] std::vector<bool> reached_from_row(Cell without) const {
    std::vector<bool> seen(table_.rows() + table_.columns(), false);
    std::vector<std::size_t> open{without.row};
    seen[without.row] = true;
    while (!open.empty()) {
      const auto node = open.back();
      open.pop_back();
      const bool is_row = node < table_.rows();
      const auto others = is_row ? table_.columns() : table_.rows();
      for (std::size_t other = 0; other < others; ++other) {
        const Cell edge = is_row ? Cell{node, other} : Cell{other, node - table_.rows()};
        const auto next = is_row ? table_.rows() + other : other;
        if (seen[next] || !table_.hidden(edge) || (edge.row == without.row && edge.column == without.column)) continue;
        seen[next] = true;
        open.push_back(next);
      }
    }
    return seen;
  }

 private:
  const Table& table_;
};

/// Hides one cell more that keeps `cell` from following from the others. False when nothing reveals it.
bool protect(Table& table, Cell cell) {
  const auto near = Graph(table).reached_from_row(cell);
  if (near[table.rows() + cell.column]) return false;
  std::vector<Cell> joining;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns(); ++column)
      if (near[row] != near[table.rows() + column]) joining.push_back({row, column});
  const auto more = cheapest(table, joining);
  base::check(more.has_value(), "a table that is hidden as a whole reveals nothing");
  table.hide(*more);
  return true;
}

bool step(Table& table) {
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (widen(table, table.row(row))) return true;
  for (std::size_t column = 0; column < table.columns(); ++column)
    if (widen(table, table.column(column))) return true;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns(); ++column)
      if (table.hidden({row, column}) && protect(table, {row, column})) return true;
  return false;
}

}  // namespace

Hidden2d nothing_hidden(const Counts2d& counts) {
  if (counts.empty()) return {};
  return Hidden2d(counts.size() + 1, std::vector<bool>(counts.front().size() + 1, false));
}

Hidden2d suppress(const Counts2d& counts, Hidden2d hidden) {
  if (counts.empty()) return hidden;
  Table table(counts, std::move(hidden));
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns(); ++column)
      if (const auto count = table.count({row, column}); count > 0 && count < kSmallestGroup) table.hide({row, column});
  while (step(table)) {
  }
  return table.take();
}

}  // namespace relais::core
