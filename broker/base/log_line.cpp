#include "broker/base/log_line.h"

#include <algorithm>

namespace relais::base {

namespace {

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte < 0x7F && c != '"' && c != '=' && c != '\\';
}

/// The same escapes serve both formats: they are JSON's.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < ' ' || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string value_text(std::string_view value) {
  const bool bare = !value.empty() && std::ranges::all_of(value, plain);
  return bare ? std::string(value) : in_quotes(value);
}

}  // namespace

std::string log_line(LogFormat format, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = format == LogFormat::json ? "\"event\":" + in_quotes(event) : "event=" + value_text(event);
  for (const auto& field : fields) {
    if (format == LogFormat::json)
      line += "," + in_quotes(field.key) + ":" + in_quotes(field.value);
    else
      line += " " + std::string(field.key) + "=" + value_text(field.value);
  }
  return line;
}

}  // namespace relais::base
