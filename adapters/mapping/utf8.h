// UTF-8 texts: the only encoding inside the mapping.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace relais::mapping {

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// Offset of the first byte that is not UTF-8 (surrogates and overlong forms are not); empty when there is none.
std::optional<std::size_t> first_bad_utf8(std::string_view text);

/// Number of bytes of the character that starts at `offset`; `text` is valid UTF-8.
std::size_t character_bytes(std::string_view text, std::size_t offset);

std::size_t count_characters(std::string_view text);

/// The characters from `start` (0 is the first) on, at most `length`.
std::string_view characters(std::string_view text, std::size_t start, std::size_t length);

/// Without the blanks around it: white space, no-break spaces.
std::string_view trimmed(std::string_view text);

/// Lower case for ASCII and the letters of French.
std::string folded(std::string_view text);

/// Control characters other than tabulator and line ends, non-characters, and the mark of broken text (U+FFFD).
bool has_control_characters(std::string_view text);

/// The line, from 1, of an offset. CRLF, LF and CR end a line.
std::size_t line_at(std::string_view text, std::size_t offset);

}  // namespace relais::mapping
