// Bytes of a document to UTF-8 and back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relais::mapping {

/// Names that a mapping may use for reading, "auto" among them, and for writing.
const std::vector<std::string>& readable_encodings();
const std::vector<std::string>& writable_encodings();

struct Decoded {
  std::string text;      // valid UTF-8, without a byte-order mark
  std::string encoding;  // as found
};

struct NotDecoded {
  std::string encoding;  // that the bytes are not in
  std::size_t line = 0;  // of the first byte at fault; 0: a byte-order mark says otherwise
};

/// In place of bytes that are not UTF-8.
inline constexpr std::string_view kBrokenCharacter = "\xEF\xBF\xBD";

/// Strict: nothing is replaced or dropped. `encoding` is one of readable_encodings().
std::variant<Decoded, NotDecoded> decode(std::string_view bytes, const std::string& encoding);

/// As decode(), but a UTF-8 text in which at most one line in twenty holds other bytes is taken with kBrokenCharacter
/// in their place: the records of those lines are the fault, not the document.
std::variant<Decoded, NotDecoded> decode_lines(std::string_view bytes, const std::string& encoding);

/// `text` with every character that `encoding` lacks replaced; `replaced` is their number. Still UTF-8.
std::string representable(std::string_view text, const std::string& encoding, std::string_view replacement,
                          std::size_t& replaced);

/// `text` holds only characters that `encoding` has.
std::string encode(std::string_view text, const std::string& encoding, bool mark);

}  // namespace relais::mapping
