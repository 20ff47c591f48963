// What a command answers: facts and tables, printed aligned for people or as one JSON object for scripts.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace relais::cli {

/// Keeps the order in which things were said.
using Json = nlohmann::ordered_json;

struct Column {
  std::string key;     // in JSON
  std::string title;   // for people
  bool right = false;  // numbers
};

/// A cell is a text, a number, true or false, null, or a list of texts.
struct Table {
  std::string key;
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<Json>> rows;  // each as long as `columns`
};

class Report {
 public:
  Report& fact(std::string key, std::string title, Json value);
  Report& table(Table table);

  /// What people get instead of the facts and tables, when it is meant to be pasted somewhere.
  Report& instead(std::string text);

  void print(std::ostream& out, bool json) const;

 private:
  struct Fact {
    std::string key;
    std::string title;
    Json value;
  };
  void print_text(std::ostream& out) const;
  [[nodiscard]] Json as_json() const;

  std::vector<Fact> facts_;
  std::vector<Table> tables_;
  std::string instead_;
};

}  // namespace relais::cli
