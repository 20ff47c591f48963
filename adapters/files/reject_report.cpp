#include "adapters/files/reject_report.h"

#include <algorithm>
#include <variant>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/utf8.h"

namespace relais::files {

namespace {

using std::string_view_literals::operator""sv;

std::string cell(std::string_view text) {
  if (text.find_first_of(";\"\r\n"sv) == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string number(std::size_t value) { return value == 0 ? std::string() : std::to_string(value); }

std::string_view line_end_of(std::string_view text) {
  const auto end = text.find_first_of("\r\n"sv);
  if (end == std::string_view::npos || text[end] == '\n') return "\n"sv;
  return text.substr(end).starts_with("\r\n"sv) ? "\r\n"sv : "\r"sv;
}

/// What stands before the line with this number.
std::string_view lines_before(std::string_view text, std::size_t line) {
  std::size_t offset = 0;
  for (std::size_t current = 1; current < line && offset < text.size(); ++current) {
    const auto end = text.find_first_of("\r\n"sv, offset);
    if (end == std::string_view::npos) return text;
    offset = end + (text.substr(end).starts_with("\r\n"sv) ? 2 : 1);
  }
  return text.substr(0, offset);
}

std::string joined(std::span<const std::string> records, std::string_view between) {
  std::string text;
  for (const auto& record : records) {
    std::string_view rest = record;
    while (rest.ends_with('\n') || rest.ends_with('\r')) rest.remove_suffix(1);
    text.append(rest).append(between);
  }
  return text;
}

/// The start tag of the root element, attributes and all; "<rejects>" when there is none to be found.
std::string_view root_tag(std::string_view xml) {
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    if (const auto rest = xml.substr(at); rest.starts_with("<!--"sv)) {
      at = xml.find("-->"sv, at);
      if (at == std::string_view::npos) break;
      continue;
    }
    if (at + 1 < xml.size() && (xml[at + 1] == '?' || xml[at + 1] == '!')) continue;
    const auto end = xml.find('>', at);
    if (end == std::string_view::npos || xml[end - 1] == '/') break;
    return xml.substr(at, end - at + 1);
  }
  return "<rejects>"sv;
}

std::string xml_document(std::string_view original, std::span<const std::string> records, std::string_view encoding) {
  const auto tag = root_tag(original);
  const auto name = tag.substr(1, tag.find_first_of(" \t\r\n>"sv) - 1);
  std::string text = "<?xml version=\"1.0\" encoding=\"";
  text.append(encoding).append("\"?>\n").append(tag).append("\n").append(joined(records, "\n"));
  return text.append("</").append(name).append(">\n");
}

std::string json_document(std::string_view original, std::span<const std::string> records) {
  // One object to a line, as some exports are; otherwise a list.
  const auto first_line = mapping::trimmed(original.substr(0, original.find('\n')));
  if (first_line.starts_with('{') && first_line.ends_with('}')) return joined(records, "\n");
  std::string text = "[\n";
  for (std::size_t i = 0; i < records.size(); ++i) text.append(i == 0 ? "" : ",\n").append(records[i]);
  return text.append("\n]\n");
}

}  // namespace

std::string reasons_table(std::span<const Reason> reasons) {
  std::string table(mapping::kUtf8Mark);
  table += "fichier;ligne;enregistrement;colonne;emplacement;champ;regle;motif;reason;reference;orientation\r\n";
  for (const auto& reason : reasons) {
    const std::string cells[] = {reason.file,    number(reason.line), number(reason.record), number(reason.column),
                                 reason.place,   reason.field,        reason.rule,           reason.french,
                                 reason.english, reason.reference,    reason.referral};
    bool first = true;
    for (const auto& text : cells) {
      if (!first) table += ';';
      table += cell(text);
      first = false;
    }
    table += "\r\n";
  }
  return table;
}

Reason reason_of(const mapping::Place& place, const mapping::Fault& fault) {
  Reason reason;
  reason.file = place.file;
  reason.line = fault.line != 0 ? fault.line : place.line;
  reason.record = place.record;
  reason.column = fault.column;
  reason.place = place.element;
  reason.field = fault.field;
  reason.rule = fault.rule;
  reason.french = fault.french;
  reason.english = fault.english;
  return reason;
}

std::string rejected_document(mapping::Format format, std::string_view original, const std::string& encoding,
                              std::size_t first_line, std::span<const std::string> records) {
  // An XML document may declare an encoding that no mapping names; then its root element is not to be had here.
  const bool can_read =
      encoding.starts_with("utf-16") || std::ranges::count(mapping::readable_encodings(), encoding) != 0;
  const auto decoded = can_read ? mapping::decode(original, encoding) : mapping::NotDecoded{encoding, 0};
  const auto* const text = std::get_if<mapping::Decoded>(&decoded);
  const std::string_view source = text == nullptr ? std::string_view() : std::string_view(text->text);
  switch (format) {
    case mapping::Format::xml:
      return xml_document(source, records, "UTF-8");
    case mapping::Format::json:
      return json_document(source, records);
    default:
      break;
  }
  const auto document = std::string(lines_before(source, first_line)) + joined(records, line_end_of(source));
  const bool marked = original.starts_with(mapping::kUtf8Mark) || encoding.starts_with("utf-16");
  const auto target = encoding == "utf-16be" ? std::string("utf-16le") : encoding;
  std::size_t replaced = 0;
  return mapping::encode(mapping::representable(document, target, "?", replaced), target, marked);
}

}  // namespace relais::files
