#include "broker/base/refusal.h"

#include <algorithm>
#include <optional>
#include <set>

namespace relais::base {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// Fills one sentence of the catalogue and remembers which facts it used.
class Sentence {
 public:
  explicit Sentence(const Refusal& refusal) : refusal_(refusal) {}

  /// Facts that the sentence has no place for stand before its last point, in parentheses: a fact is never lost.
  std::string fill(std::string_view sentence, std::string_view field_word) {
    std::string text;
    while (!sentence.empty()) {
      const auto open = sentence.find('[');
      append(text, sentence.substr(0, open));
      if (open == std::string_view::npos) break;
      const auto close = sentence.find(']', open);
      append(text, sentence.substr(open + 1, close - open - 1));
      sentence.remove_prefix(close + 1);
    }
    return text.insert(text.size() - 1, unused(field_word));
  }

 private:
  std::optional<std::string> fact(std::string_view name) {
    const auto given =
        std::ranges::find(refusal_.facts, name, [](const auto& pair) { return std::string_view(pair.first); });
    std::string value;
    if (given != refusal_.facts.end()) value = given->second;
    if (name == "field") value = refusal_.field;
    if (name == "present" && !refusal_.present.empty()) value = refusal_.present;
    if (name == "allowed") value = joined(refusal_.allowed);
    if (value.empty()) return std::nullopt;
    return value;
  }

  /// The whole part, or nothing of it when one of its facts is missing.
  void append(std::string& text, std::string_view part) {
    std::string filled;
    std::set<std::string, std::less<>> used;
    while (!part.empty()) {
      const auto open = part.find('{');
      filled += part.substr(0, open);
      if (open == std::string_view::npos) break;
      const auto close = part.find('}', open);
      const auto name = part.substr(open + 1, close - open - 1);
      const auto value = fact(name);
      if (!value) return;
      filled += *value;
      used.emplace(name);
      part.remove_prefix(close + 1);
    }
    text += filled;
    used_.merge(used);
  }

  std::string unused(std::string_view field_word) const {
    std::string text;
    const auto add = [&](std::string_view name, const std::string& value) {
      text += (text.empty() ? " (" : ", ") + std::string(name) + ": " + value;
    };
    if (!refusal_.field.empty() && !used_.contains("field")) add(field_word, refusal_.field);
    for (const auto& [name, value] : refusal_.facts)
      if (!value.empty() && !used_.contains(name)) add(name, value);
    return text.empty() ? text : text + ")";
  }

  const Refusal& refusal_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace

std::string Refusal::english() const { return Sentence(*this).fill(info(code).english, "field"); }
std::string Refusal::french() const { return Sentence(*this).fill(info(code).french, "champ"); }

v1::Refused Refusal::to_wire(std::string_view message_id) const {
  v1::Refused refused;
  refused.set_code(std::string(name()));
  refused.set_english(english());
  refused.set_french(french());
  refused.set_field(field);
  refused.set_retry(info(code).retry);
  refused.set_message_id(std::string(message_id));
  for (const auto& message : allowed) refused.add_allowed(message);
  refused.set_present(present);
  return refused;
}

}  // namespace relais::base
