// Reads TOML strictly: every key is asked for by somebody or refused, every fault has its file and line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace relais::base {

/// `line` 0: the file or folder as a whole.
struct Place {
  std::string file;
  unsigned line = 0;
};

/// A fault in a set of files. `path` is the value's place in the definition; empty when it has none.
struct FileViolation {
  Place place;
  std::string path;
  std::string problem;
  std::string allowed;
};

/// What the readers of a set of files share: the faults, and where each value stands.
class Findings {
 public:
  void add(Place place, std::string path, std::string problem, std::string allowed);

  void locate(const std::string& path, Place place) { places_[path] = std::move(place); }

  /// Of the value at `path`, or of what it is part of.
  [[nodiscard]] Place place_of(std::string path) const;

  /// A fault was already found at this value, inside it, or in what it is part of.
  [[nodiscard]] bool spoke_of(std::string_view path) const;

  std::vector<FileViolation> take() { return std::move(violations_); }

 private:
  std::vector<FileViolation> violations_;
  std::map<std::string, Place, std::less<>> places_;
};

/// Empty when it can not be read or is not TOML: the fault is then in `findings`, under `file`.
std::optional<toml::table> read_toml(const std::filesystem::path& path, const std::string& file, Findings& findings);

/// One table of a file. Reading functions answer an empty value when the key is absent, or, with a fault in the
/// findings, when its value is not of the kind asked for. finish() then refuses the keys that nobody asked for.
class TableReader {
 public:
  /// `table` and `findings` outlive the reader. `path` is the table's place in the definition; empty for the whole.
  TableReader(const toml::table& table, std::string file, std::string path, Findings& findings);

  std::string text(std::string_view key, std::string_view name = {});
  std::vector<std::string> texts(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least);
  bool boolean(std::string_view key);
  std::string key_bytes(std::string_view key);

  /// Milliseconds.
  std::int64_t duration(std::string_view key);

  /// Milliseconds since 1970. A date without a time is its first instant in Paris, for `valid_until` the first instant
  /// after it: the last day belongs to the validity, as in the text of an agreement.
  std::int64_t date(std::string_view key, bool last_day);

  /// Dates, as days since 1970-01-01.
  std::vector<std::int32_t> days(std::string_view key);

  /// The table at `key`, if there is one.
  std::optional<TableReader> table(std::string_view key);

  /// Each table of the array at `key`; `name` is the list's name in the definition.
  void tables(std::string_view key, std::string_view name, const std::function<void(TableReader&, int)>& read);

  /// The same for lists whose elements have ids: `name_of` gives the path of an element with this id.
  void named_tables(std::string_view key, const std::function<std::string(std::string_view id)>& name_of,
                    const std::function<void(TableReader&)>& read);

  /// Where a fault of one value of this table goes.
  void fault(std::string_view key, std::string_view name, std::string problem, std::string allowed);

  void finish();

 private:
  const toml::node* find(std::string_view key, std::string_view name);
  [[nodiscard]] std::string path_of(std::string_view name) const;
  void wrong_kind(std::string_view key, const toml::node& found, std::string_view wanted);
  void each_table(std::string_view key, const std::function<void(const toml::table&, int)>& visit);

  const toml::table* table_;
  std::string file_;
  std::string path_;
  Findings* findings_;
  std::vector<std::string> asked_;
};

}  // namespace relais::base
