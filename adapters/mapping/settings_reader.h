// Reads a table of the mapping file strictly: every key is asked for by somebody or refused, every fault has its line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "adapters/mapping/fault.h"

namespace relais::mapping {

/// What all readers of one file share.
struct Findings {
  std::string file;
  std::vector<MappingFault> faults;
};

/// Reading functions answer an empty value when the key is absent, or, with a fault, when the value is not of the kind
/// asked for. finish() refuses the keys that nobody asked for. `table` and `findings` outlive the reader.
class SettingsReader {
 public:
  SettingsReader(const toml::table& table, std::string path, Findings& findings)
      : table_(&table), path_(std::move(path)), findings_(&findings) {}

  [[nodiscard]] bool has(std::string_view key) const { return table_->contains(key); }
  [[nodiscard]] const std::string& path() const { return path_; }

  std::optional<std::string> text(std::string_view key);
  std::string required_text(std::string_view key, std::string_view allowed);

  /// One of `allowed`; the first of them when absent.
  std::string choice(std::string_view key, std::span<const std::string> allowed);
  std::string choice(std::string_view key, std::initializer_list<std::string> allowed);

  bool flag(std::string_view key, bool otherwise);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::size_t size(std::string_view key, std::size_t otherwise, std::size_t most);

  /// A single ASCII character; "tab" is one. `word` (e.g. "none") gives 0.
  char character(std::string_view key, char otherwise, std::string_view word = {});

  /// A list of texts, or one text.
  std::vector<std::string> texts(std::string_view key);

  /// Keys with texts.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);

  std::optional<SettingsReader> table(std::string_view key);

  /// Each table of the list at `key`.
  void tables(std::string_view key, const std::function<void(SettingsReader&)>& read);

  /// Each named table below `key`.
  void named_tables(std::string_view key, const std::function<void(const std::string&, SettingsReader&)>& read);

  /// The node itself, for values of several kinds.
  const toml::node* node(std::string_view key);

  /// At the key's line, or the table's when it is absent.
  void fault(std::string_view key, std::string problem, std::string allowed);

  void finish();

 private:
  void wrong_kind(std::string_view key, std::string_view wanted);
  [[nodiscard]] std::string path_of(std::string_view key) const;
  std::vector<std::string> items(const std::string& key, const toml::array& list);

  const toml::table* table_;
  std::string path_;
  Findings* findings_;
  std::vector<std::string> asked_;
};

}  // namespace relais::mapping
