#include "adapters/mapping/field_path.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace relais::mapping {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kIndexMax = 99;
constexpr std::array kLocals = {std::string_view("reference"), std::string_view("referral"),
                                std::string_view("appointment")};
constexpr std::array kEnvelopeIn = {std::string_view("purpose"),        std::string_view("priority"),
                                    std::string_view("recipients"),     std::string_view("exercise"),
                                    std::string_view("message_id"),     std::string_view("expires_at_ms"),
                                    std::string_view("case_id"),        std::string_view("referral_id"),
                                    std::string_view("appointment_id"), std::string_view("on_behalf_of")};
constexpr std::array kEnvelopeOut = {std::string_view("sender"), std::string_view("sent_at_ms")};

struct Word {
  std::string name;
  std::string bracket;  // empty: none
};

/// Cuts at the dots outside brackets: "identifiers[caf.allocataire]" is one word.
std::optional<std::vector<Word>> cut(std::string_view text) {
  std::vector<Word> words(1);
  bool inside = false;
  for (const char c : text) {
    if (inside ? c == ']' : c == '[') {
      inside = !inside;
    } else if (inside) {
      words.back().bracket += c;
    } else if (c == '.') {
      words.emplace_back();
    } else {
      words.back().name += c;
    }
  }
  const bool whole = std::ranges::none_of(words, [](const Word& word) { return word.name.empty(); });
  return inside || !whole ? std::nullopt : std::optional(words);
}

std::string list_of(const Descriptor& message) {
  std::string names;
  for (int i = 0; i < message.field_count(); ++i)
    names += (names.empty() ? "" : ", ") + std::string(message.field(i)->name());
  return names.empty() ? "no field" : names;
}

bool names_the_nir(std::string_view system) {
  std::string lower;
  for (const char c : system) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return lower == "nir" || lower.ends_with(".nir") || lower.starts_with("nir.") || lower == "nirpp" ||
         lower == "insee.nir";
}

/// What stands in brackets: an element of a list of messages or, when writing, of a list of texts.
bool choose(Step& step, const std::string& bracket, Direction direction, std::string& wrong) {
  const auto& field = *step.field;
  const bool list = field.is_repeated() && field.message_type() != nullptr;
  if (bracket.empty()) {
    if (!list || direction == Direction::out) return true;
    wrong = "an element: " + std::string(field.name()) + "[0], or a list in [[in.lists]]";
    return false;
  }
  if (!list && !(field.is_repeated() && direction == Direction::out)) {
    wrong = std::string(field.name()) + " without brackets";
    return false;
  }
  int index = 0;
  const auto* const end = bracket.data() + bracket.size();
  const auto said = std::from_chars(bracket.data(), end, index);
  if (said.ec == std::errc() && said.ptr == end) {
    step.index = index;
    wrong = "an index from 0 to 99";
    return index >= 0 && index <= kIndexMax;
  }
  wrong = "an index such as [0]";
  if (!list || field.message_type()->name() != "Identifier") return false;
  wrong = "nir.number: the social-security number is no identifier";
  step.key = bracket;
  return !names_the_nir(bracket);
}

bool walk(const Descriptor& start, const std::vector<Word>& words, std::size_t from, Direction direction, Steps& steps,
          std::string& wrong) {
  const Descriptor* message = &start;
  for (std::size_t i = from; i < words.size(); ++i) {
    Step step;
    if (message != nullptr) step.field = message->FindFieldByName(words[i].name);
    if (step.field == nullptr) {
      wrong = message == nullptr ? words[i - 1].name + " is a value, nothing stands below it" : list_of(*message);
      return false;
    }
    if (!choose(step, words[i].bracket, direction, wrong)) return false;
    message = step.field->message_type();
    steps.push_back(std::move(step));
  }
  // An identifier chosen by its system stands for its value.
  if (!steps.empty() && !steps.back().key.empty()) {
    Step value;
    value.field = message->FindFieldByName("value");
    steps.push_back(std::move(value));
    message = nullptr;
  }
  if (message == nullptr) return true;
  wrong = "a value below it: " + list_of(*message);
  return false;
}

bool walk_bodies(const std::vector<Word>& words, Direction direction, FieldPath& path, std::string& wrong) {
  std::set<std::string> known;
  for (const auto body : all_bodies()) {
    if (direction == Direction::in && is_notice(body)) continue;
    const auto& type = *body_field(body)->message_type();
    Steps steps;
    std::string ignored;
    if (walk(type, words, 1, direction, steps, ignored)) path.by_kind.emplace(body, std::move(steps));
    for (int i = 0; i < type.field_count(); ++i) known.insert("body." + std::string(type.field(i)->name()));
  }
  if (!path.by_kind.empty()) return true;
  wrong.clear();
  for (const auto& name : known) wrong += (wrong.empty() ? "" : ", ") + name;
  return false;
}

bool walk_envelope(const std::vector<Word>& words, Direction direction, FieldPath& path, std::string& wrong) {
  const auto& name = words[1].name;
  const bool known = std::ranges::find(kEnvelopeIn, name) != kEnvelopeIn.end() ||
                     (direction == Direction::out && std::ranges::find(kEnvelopeOut, name) != kEnvelopeOut.end());
  if (known) return walk(*v1::Envelope::descriptor(), words, 1, direction, path.steps, wrong);
  wrong.clear();
  for (const auto one : kEnvelopeIn) wrong += (wrong.empty() ? "envelope." : ", envelope.") + std::string(one);
  return false;
}

std::string roots(Direction direction) {
  std::string names = "envelope., body., local.";
  for (const auto& type : content_types()) names += ", " + std::string(type.word) + ".";
  return direction == Direction::out ? names + ", kind" : names;
}

std::string plain_text(const std::vector<Word>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ".") + word.name;
  return text;
}

}  // namespace

const Steps* FieldPath::steps_for(Body body) const {
  if (root == Root::local || root == Root::kind) return nullptr;
  if (root != Root::body) return &steps;
  const auto found = by_kind.find(body);
  return found == by_kind.end() ? nullptr : &found->second;
}

const FieldDescriptor* FieldPath::leaf() const {
  if (root == Root::body) return by_kind.begin()->second.back().field;
  return steps.empty() ? nullptr : steps.back().field;
}

std::optional<FieldPath> parse_path(std::string_view text, Direction direction, std::string& wrong) {
  const auto words = cut(text);
  FieldPath path;
  path.text = text;
  wrong = roots(direction);
  if (!words) return std::nullopt;
  path.plain = plain_text(*words);
  const auto& first = words->front().name;
  if (first == "kind" && words->size() == 1 && direction == Direction::out) {
    path.root = Root::kind;
    return path;
  }
  if (words->size() < 2 || !words->front().bracket.empty()) return std::nullopt;
  if (first == "local") {
    path.local = words->at(1).name;
    wrong = "local.reference, local.referral, local.appointment";
    if (words->size() != 2 || !words->at(1).bracket.empty()) return std::nullopt;
    return std::ranges::find(kLocals, path.local) == kLocals.end() ? std::nullopt : std::optional(path);
  }
  if (first == "envelope") {
    path.root = Root::envelope;
    return walk_envelope(*words, direction, path, wrong) ? std::optional(path) : std::nullopt;
  }
  if (first == "body") {
    path.root = Root::body;
    return walk_bodies(*words, direction, path, wrong) ? std::optional(path) : std::nullopt;
  }
  const auto* const content = content_type(std::string_view(first));
  if (content == nullptr) return std::nullopt;
  path.root = Root::content;
  path.category = content->category;
  const bool good = walk(*content->prototype->GetDescriptor(), *words, 1, direction, path.steps, wrong);
  return good ? std::optional(path) : std::nullopt;
}

std::optional<FieldPath> parse_list_path(std::string_view text, std::string& wrong) {
  wrong = "a list such as household.members, resources.incomes, benefits.benefits, identity.identifiers";
  const auto words = cut(text);
  if (!words || words->size() != 2) return std::nullopt;
  const auto* const content = content_type(std::string_view(words->front().name));
  if (content == nullptr) return std::nullopt;
  const auto* const field = content->prototype->GetDescriptor()->FindFieldByName(words->at(1).name);
  if (field == nullptr || !field->is_repeated() || field->message_type() == nullptr) return std::nullopt;
  FieldPath path;
  path.text = path.plain = text;
  path.root = Root::content;
  path.category = content->category;
  path.steps.push_back({field, std::nullopt, {}});
  return path;
}

std::optional<Steps> parse_steps(const Descriptor& message, std::string_view text, Direction direction,
                                 std::string& wrong) {
  const auto words = cut(text);
  Steps steps;
  wrong = list_of(message);
  if (!words || !walk(message, *words, 0, direction, steps, wrong)) return std::nullopt;
  return steps;
}

}  // namespace relais::mapping
