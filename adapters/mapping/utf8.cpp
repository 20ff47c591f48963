#include "adapters/mapping/utf8.h"

#include <algorithm>
#include <array>

namespace relais::mapping {

namespace {

unsigned byte(std::string_view text, std::size_t offset) { return static_cast<unsigned char>(text[offset]); }

bool continues(std::string_view text, std::size_t offset) {
  return offset < text.size() && (byte(text, offset) & 0xC0U) == 0x80U;
}

/// Bytes of a well-formed character, 0 when it is not well-formed.
std::size_t well_formed(std::string_view text, std::size_t i) {
  const unsigned first = byte(text, i);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first <= 0xDFU) return continues(text, i + 1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    if (!continues(text, i + 1) || !continues(text, i + 2)) return 0;
    const unsigned second = byte(text, i + 1);
    if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU)) return 0;
    return 3;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    if (!continues(text, i + 1) || !continues(text, i + 2) || !continues(text, i + 3)) return 0;
    const unsigned second = byte(text, i + 1);
    if ((first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU)) return 0;
    return 4;
  }
  return 0;
}

constexpr std::array<std::string_view, 9> kBlanks = {" ",
                                                     "\t",
                                                     "\r",
                                                     "\n",
                                                     "\xC2\xA0" /* no-break space */,
                                                     "\xE2\x80\xAF" /* narrow no-break space */,
                                                     "\xE2\x80\x89" /* thin space */,
                                                     "\xEF\xBB\xBF" /* zero width no-break space */,
                                                     "\xE2\x80\x8B" /* zero width */};

}  // namespace

std::optional<std::size_t> first_bad_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto bytes = well_formed(text, i);
    if (bytes == 0) return i;
    i += bytes;
  }
  return std::nullopt;
}

std::size_t character_bytes(std::string_view text, std::size_t offset) {
  const unsigned first = byte(text, offset);
  const std::size_t bytes = first < 0xC0U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
  return std::min(bytes, text.size() - offset);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view characters(std::string_view text, std::size_t start, std::size_t length) {
  std::size_t from = 0;
  for (; start > 0 && from < text.size(); --start) from += character_bytes(text, from);
  std::size_t to = from;
  for (; length > 0 && to < text.size(); --length) to += character_bytes(text, to);
  return text.substr(from, to - from);
}

std::string_view trimmed(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const auto blank : kBlanks) {
      if (text.starts_with(blank)) {
        text.remove_prefix(blank.size());
        again = true;
      }
      if (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        again = true;
      }
    }
  }
  return text;
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const unsigned c = byte(lower, i);
    if (c >= 'A' && c <= 'Z') {
      lower[i] = static_cast<char>(c + 32U);
    } else if (c == 0xC3U && i + 1 < lower.size()) {
      const unsigned next = byte(lower, i + 1);
      if (next >= 0x80U && next <= 0x9EU && next != 0x97U) lower[i + 1] = static_cast<char>(next + 32U);
    } else if (c == 0xC5U && i + 1 < lower.size()) {
      const unsigned next = byte(lower, i + 1);
      if (next == 0x92U) lower[i + 1] = '\x93';  // OE ligature
      if (next == 0xB8U) lower.replace(i, 2, "\xC3\xBF");
    }
  }
  return lower;
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned c = byte(text, i);
    if (c < 0x20U && c != '\t' && c != '\n' && c != '\r') return true;
    if (c == 0x7FU) return true;
    if (c == 0xC2U && i + 1 < text.size() && byte(text, i + 1) < 0xA0U) return true;
    if (c == 0xEFU && text.substr(i).starts_with("\xEF\xBF") && i + 2 < text.size() && byte(text, i + 2) >= 0xBDU)
      return true;
  }
  return false;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  const auto end = std::min(offset, text.size());
  for (std::size_t i = 0; i < end; ++i)
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 >= text.size() || text[i + 1] != '\n'))) ++line;
  return line;
}

}  // namespace relais::mapping
