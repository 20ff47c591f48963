#include "adapters/mapping/settings_reader.h"

#include <algorithm>

namespace relais::mapping {

namespace {

std::string listed(std::span<const std::string> words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::size_t toml_line_of(const toml::node& node) { return node.source().begin.line; }

}  // namespace

std::string SettingsReader::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const toml::node* SettingsReader::node(std::string_view key) {
  asked_.emplace_back(key);
  return table_->get(key);
}

void SettingsReader::fault(std::string_view key, std::string problem, std::string allowed) {
  const auto* const found = key.empty() ? nullptr : table_->get(key);
  const auto line = found == nullptr ? toml_line_of(*table_) : toml_line_of(*found);
  findings_->faults.push_back({findings_->file, line, path_of(key), std::move(problem), std::move(allowed)});
}

void SettingsReader::wrong_kind(std::string_view key, std::string_view wanted) {
  fault(key, "is of the wrong kind", std::string(wanted));
}

std::optional<std::string> SettingsReader::text(std::string_view key) {
  const auto* const found = node(key);
  if (found == nullptr) return std::nullopt;
  if (auto value = found->value_exact<std::string>()) return value;
  wrong_kind(key, "a text in quotes");
  return std::nullopt;
}

std::string SettingsReader::required_text(std::string_view key, std::string_view allowed) {
  const auto value = text(key);
  if (!has(key)) fault(key, "is missing", std::string(allowed));
  if (value && value->empty()) fault(key, "is empty", std::string(allowed));
  return value.value_or("");
}

std::string SettingsReader::choice(std::string_view key, std::span<const std::string> allowed) {
  const auto value = text(key);
  if (!value) return allowed.front();
  if (std::ranges::find(allowed, *value) != allowed.end()) return *value;
  fault(key, "is not known", listed(allowed));
  return allowed.front();
}

std::string SettingsReader::choice(std::string_view key, std::initializer_list<std::string> allowed) {
  return choice(key, std::span<const std::string>(allowed.begin(), allowed.size()));
}

bool SettingsReader::flag(std::string_view key, bool otherwise) {
  const auto* const found = node(key);
  if (found == nullptr) return otherwise;
  if (const auto value = found->value_exact<bool>()) return *value;
  wrong_kind(key, "true or false");
  return otherwise;
}

std::optional<std::int64_t> SettingsReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const auto* const found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto value = found->value_exact<std::int64_t>();
  const auto allowed = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value) {
    wrong_kind(key, allowed);
  } else if (*value < least || *value > most) {
    fault(key, "is out of range", allowed);
  } else {
    return value;
  }
  return std::nullopt;
}

std::size_t SettingsReader::size(std::string_view key, std::size_t otherwise, std::size_t most) {
  const auto value = integer(key, otherwise == 0 ? 0 : 1, static_cast<std::int64_t>(most));
  return value ? static_cast<std::size_t>(*value) : otherwise;
}

char SettingsReader::character(std::string_view key, char otherwise, std::string_view word) {
  const auto value = text(key);
  if (!value) return otherwise;
  if (*value == "tab") return '\t';
  if (!word.empty() && *value == word) return 0;
  if (value->size() == 1 && static_cast<unsigned char>(value->front()) < 0x80U && value->front() != '\n' &&
      value->front() != '\r')
    return value->front();
  fault(key, "is not one character",
        "one ASCII character, or \"tab\"" + (word.empty() ? "" : ", or " + std::string(word)));
  return otherwise;
}

std::vector<std::string> SettingsReader::items(const std::string& key, const toml::array& list) {
  std::vector<std::string> values;
  for (const auto& item : list) {
    if (const auto value = item.value_exact<std::string>()) {
      values.push_back(*value);
      continue;
    }
    const auto at = path_of(key) + "[" + std::to_string(values.size()) + "]";
    findings_->faults.push_back({findings_->file, toml_line_of(item), at, "is of the wrong kind", "a text in quotes"});
  }
  return values;
}

std::vector<std::string> SettingsReader::texts(std::string_view key) {
  const auto* const found = node(key);
  if (found == nullptr) return {};
  if (const auto value = found->value_exact<std::string>()) return {*value};
  if (const auto* const list = found->as_array()) return items(std::string(key), *list);
  wrong_kind(key, "a list of texts");
  return {};
}

std::vector<std::pair<std::string, std::string>> SettingsReader::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> values;
  const auto* const found = node(key);
  if (found == nullptr) return values;
  const auto* const below = found->as_table();
  if (below == nullptr) {
    wrong_kind(key, "a table of texts");
    return values;
  }
  for (const auto& [name, value] : *below) {
    if (const auto one = value.value_exact<std::string>()) {
      values.emplace_back(std::string(name.str()), *one);
      continue;
    }
    const auto at = path_of(key) + "." + std::string(name.str());
    findings_->faults.push_back({findings_->file, toml_line_of(value), at, "is of the wrong kind", "a text in quotes"});
  }
  return values;
}

std::optional<SettingsReader> SettingsReader::table(std::string_view key) {
  const auto* const found = node(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* const below = found->as_table()) return SettingsReader(*below, path_of(key), *findings_);
  wrong_kind(key, "a table");
  return std::nullopt;
}

void SettingsReader::tables(std::string_view key, const std::function<void(SettingsReader&)>& read) {
  const auto* const found = node(key);
  if (found == nullptr) return;
  const auto* const list = found->as_array();
  if (list == nullptr) {
    wrong_kind(key, "a list of tables");
    return;
  }
  std::size_t index = 0;
  for (const auto& item : *list) {
    const auto at = path_of(key) + "[" + std::to_string(index++) + "]";
    if (const auto* const below = item.as_table()) {
      SettingsReader reader(*below, at, *findings_);
      read(reader);
      reader.finish();
    } else {
      findings_->faults.push_back({findings_->file, toml_line_of(item), at, "is of the wrong kind", "a table"});
    }
  }
}

void SettingsReader::named_tables(std::string_view key,
                                  const std::function<void(const std::string&, SettingsReader&)>& read) {
  auto below = table(key);
  if (!below) return;
  for (const auto& [name, unused] : *below->table_) {
    const std::string word(name.str());
    if (auto one = below->table(word)) {
      read(word, *one);
      one->finish();
    }
  }
}

void SettingsReader::finish() {
  std::ranges::sort(asked_);
  const auto last = std::ranges::unique(asked_).begin();
  asked_.erase(last, asked_.end());
  for (const auto& [name, value] : *table_) {
    if (std::ranges::binary_search(asked_, std::string(name.str()))) continue;
    const auto line = name.source().begin.line != 0 ? name.source().begin.line : toml_line_of(value);
    findings_->faults.push_back({findings_->file, line, path_of(name.str()), "is not known here", listed(asked_)});
  }
}

}  // namespace relais::mapping
