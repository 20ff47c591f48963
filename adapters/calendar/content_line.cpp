#include "adapters/calendar/content_line.h"

#include <algorithm>
#include <optional>

#include "adapters/mapping/utf8.h"

namespace relais::calendar {

namespace {

constexpr std::size_t kBytesMost = std::size_t{4} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f'; }

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '^' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'n' || next == '^' || next == '\'') {
      plain += next == 'n' ? '\n' : next == '^' ? '^' : '"';
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Takes one line apart from its beginning; `rest` is what is not read yet.
class LineParser {
 public:
  explicit LineParser(ContentLine& line) : line_(line), rest_(line.whole) {}

  /// The rule that the line breaks.
  std::optional<std::string> parse() {
    line_.name = upper(take_name());
    if (line_.name.empty()) return "line.malformed";
    while (starts(';')) {
      Parameter parameter{upper(take_name()), {}};
      if (parameter.name.empty() || !starts('=')) return "parameter.malformed";
      do {
        auto value = take_value();
        if (!value) return "parameter.malformed";
        parameter.values.push_back(decoded(*value));
      } while (starts(','));
      line_.parameters.push_back(std::move(parameter));
    }
    if (!starts(':')) return line_.parameters.empty() ? "line.no_value" : "parameter.malformed";
    line_.value = std::string(rest_);
    return std::nullopt;
  }

 private:
  bool starts(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take(std::size_t count) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view take_name() {
    return take(static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_name_character) - rest_.begin()));
  }

  std::optional<std::string_view> take_value() {
    if (!starts('"')) return take(std::min(rest_.find_first_of(";:,\""), rest_.size()));
    const auto end = rest_.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = take(end);
    rest_.remove_prefix(1);
    return value;
  }

  ContentLine& line_;
  std::string_view rest_;
};

}  // namespace

std::string text(const IcalFault& fault) {
  std::string place;
  if (fault.line != 0) place = "line " + std::to_string(fault.line);
  if (!fault.property.empty()) place += (place.empty() ? "" : ", ") + fault.property;
  return place.empty() ? fault.rule : place + ": " + fault.rule;
}

std::string upper(std::string_view name) {
  std::string large(name);
  for (auto& c : large)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return large;
}

std::variant<std::vector<ContentLine>, IcalFault> read_content_lines(std::string_view bytes) {
  if (bytes.size() > kBytesMost) return IcalFault{"text.too_large", 0, {}};
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::vector<ContentLine> lines;
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (std::ranges::any_of(line, is_control)) return IcalFault{"text.control", number, {}};
    if (line.front() != ' ' && line.front() != '\t') {
      lines.push_back({number, {}, {}, {}, std::string(line)});
    } else {
      if (lines.empty()) return IcalFault{"line.folding", number, {}};
      lines.back().whole += line.substr(1);
    }
  }
  for (auto& line : lines) {
    // Only whole lines: a character may be folded in its middle.
    if (mapping::first_bad_utf8(line.whole)) return IcalFault{"text.encoding", line.line, {}};
    if (auto rule = LineParser(line).parse()) return IcalFault{std::move(*rule), line.line, line.name};
  }
  return lines;
}

}  // namespace relais::calendar
