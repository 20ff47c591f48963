#include "adapters/mapping/encoding.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <optional>

#include "adapters/mapping/utf8.h"
#include "broker/base/check.h"

namespace relais::mapping {

namespace {

constexpr std::string_view kUtf16LittleMark = "\xFF\xFE";
constexpr std::string_view kUtf16BigMark = "\xFE\xFF";

/// One conversion by iconv, which is strict unless told otherwise.
class Converter {
 public:
  Converter(const std::string& to, const std::string& from) : handle_(::iconv_open(to.c_str(), from.c_str())) {
    base::check(handle_ != reinterpret_cast<iconv_t>(-1), "iconv knows the encodings of the mapping");
  }
  ~Converter() { ::iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  /// Appends to `out`; answers the number of bytes taken: all of them, or up to the first at fault.
  std::size_t convert(std::string_view in, std::string& out) {
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    char* from = const_cast<char*>(in.data());  // iconv's signature; it does not write there
    std::size_t left = in.size();
    std::array<char, 16384> buffer{};
    while (left > 0) {
      char* to = buffer.data();
      std::size_t room = buffer.size();
      const auto said = ::iconv(handle_, &from, &left, &to, &room);
      out.append(buffer.data(), buffer.size() - room);
      if (said == static_cast<std::size_t>(-1) && errno != E2BIG) break;
    }
    return in.size() - left;
  }

 private:
  iconv_t handle_;
};

std::variant<Decoded, NotDecoded> by_iconv(std::string_view bytes, const std::string& encoding) {
  Converter converter("UTF-8", encoding == "utf-16le" ? "UTF-16LE" : encoding == "utf-16be" ? "UTF-16BE" : encoding);
  Decoded decoded{{}, encoding};
  decoded.text.reserve(bytes.size() + bytes.size() / 8);
  const auto taken = converter.convert(bytes, decoded.text);
  if (taken < bytes.size()) return NotDecoded{encoding, line_at(decoded.text, decoded.text.size())};
  if (decoded.text.starts_with(kUtf8Mark)) decoded.text.erase(0, kUtf8Mark.size());
  return decoded;
}

std::variant<Decoded, NotDecoded> by_utf8(std::string_view bytes) {
  if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  if (const auto bad = first_bad_utf8(bytes)) return NotDecoded{"utf-8", line_at(bytes, *bad)};
  return Decoded{std::string(bytes), "utf-8"};
}

constexpr std::size_t kLinesForOneBroken = 20;

/// Empty when more lines are broken than the text can bear.
std::optional<std::string> mended_utf8(std::string_view bytes) {
  if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  std::string text;
  std::size_t lines = 0;
  std::size_t broken = 0;
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(end);
    ++lines;
    auto bad = first_bad_utf8(line);
    if (bad) ++broken;
    for (; bad; bad = first_bad_utf8(line)) {
      text.append(line.substr(0, *bad)).append(kBrokenCharacter);
      line.remove_prefix(*bad + 1);
    }
    text.append(line);
  }
  return broken * kLinesForOneBroken <= lines ? std::optional(std::move(text)) : std::nullopt;
}

/// What a byte-order mark says; empty without one.
std::optional<std::string> marked(std::string_view bytes) {
  if (bytes.starts_with(kUtf8Mark)) return "utf-8";
  if (bytes.starts_with(kUtf16LittleMark)) return "utf-16le";
  if (bytes.starts_with(kUtf16BigMark)) return "utf-16be";
  return std::nullopt;
}

bool same_family(const std::string& wanted, const std::string& found) {
  return wanted == found || (wanted == "utf-16" && found.starts_with("utf-16"));
}

}  // namespace

const std::vector<std::string>& readable_encodings() {
  static const std::vector<std::string> names = {"auto",       "utf-8",       "windows-1252",
                                                 "iso-8859-1", "iso-8859-15", "utf-16"};
  return names;
}

const std::vector<std::string>& writable_encodings() {
  static const std::vector<std::string> names = {"utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "utf-16le"};
  return names;
}

std::variant<Decoded, NotDecoded> decode(std::string_view bytes, const std::string& encoding) {
  const auto mark = marked(bytes);
  if (encoding == "auto") {
    if (mark) return *mark == "utf-8" ? by_utf8(bytes) : by_iconv(bytes, *mark);
    auto said = by_utf8(bytes);
    return std::holds_alternative<Decoded>(said) ? std::move(said) : by_iconv(bytes, "windows-1252");
  }
  if (mark && !same_family(encoding, *mark)) return NotDecoded{encoding, 0};
  if (encoding == "utf-8") return by_utf8(bytes);
  if (encoding == "utf-16") return by_iconv(bytes, mark ? *mark : "utf-16le");
  return by_iconv(bytes, encoding);
}

std::variant<Decoded, NotDecoded> decode_lines(std::string_view bytes, const std::string& encoding) {
  auto said = decode(bytes, encoding);
  const auto* const bad = std::get_if<NotDecoded>(&said);
  if (bad == nullptr || bad->encoding != "utf-8" || bad->line == 0) return said;
  auto text = mended_utf8(bytes);
  if (!text) return said;
  return Decoded{std::move(*text), "utf-8"};
}

std::string representable(std::string_view text, const std::string& encoding, std::string_view replacement,
                          std::size_t& replaced) {
  replaced = 0;
  if (encoding.starts_with("utf-")) return std::string(text);
  Converter converter(encoding, "UTF-8");
  std::string kept;
  kept.reserve(text.size());
  std::string scratch;
  while (!text.empty()) {
    scratch.clear();
    const auto good = converter.convert(text, scratch);
    kept.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) break;
    text.remove_prefix(character_bytes(text, 0));
    kept.append(replacement);
    ++replaced;
  }
  return kept;
}

std::string encode(std::string_view text, const std::string& encoding, bool mark) {
  if (encoding == "utf-8") return (mark ? std::string(kUtf8Mark) : std::string()) + std::string(text);
  std::string bytes = mark && encoding == "utf-16le" ? std::string(kUtf16LittleMark) : std::string();
  Converter converter(encoding == "utf-16le" ? "UTF-16LE" : encoding, "UTF-8");
  const auto taken = converter.convert(text, bytes);
  base::check(taken == text.size(), "a text made representable can be encoded");
  return bytes;
}

}  // namespace relais::mapping
