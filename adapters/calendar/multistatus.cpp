#include "adapters/calendar/multistatus.h"

#include <charconv>
#include <map>

#include "adapters/mapping/xml_document.h"

namespace relais::calendar {

namespace {

const std::map<std::string, std::string> kNamespaces = {{"d", "DAV:"}, {"c", "urn:ietf:params:xml:ns:caldav"}};

base::Refusal malformed() { return base::refuse(base::RefusalCode::io_failed, {}, {{"why", "answer_malformed"}}); }

mapping::XmlDocument parsed(std::string_view xml) {
  std::string encoding;
  auto document = mapping::parse_xml(xml, "auto", encoding);
  auto* const good = std::get_if<mapping::XmlDocument>(&document);
  return good == nullptr ? nullptr : std::move(*good);
}

/// "HTTP/1.1 404 Not Found"
int status_in(const std::string& line) {
  const auto space = line.find(' ');
  int status = 0;
  if (space != std::string::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  return status;
}

std::optional<std::string> first(mapping::XPaths& paths, const std::string& expression, xmlNode* node) {
  const auto found = paths.find(expression, node);
  if (found.nodes.empty()) return std::nullopt;
  return mapping::content_of(*found.nodes.front());
}

std::string without_blanks(std::string text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.erase(0, text.find_first_not_of(kBlanks));
  text.erase(text.find_last_not_of(kBlanks) + 1);
  return text;
}

}  // namespace

base::Result<Multistatus> read_multistatus(std::string_view xml) {
  const auto document = parsed(xml);
  if (!document) return malformed();
  mapping::XPaths paths(*document, kNamespaces);
  if (paths.find("/d:multistatus", nullptr).nodes.empty()) return malformed();
  Multistatus answer;
  answer.sync_token = without_blanks(first(paths, "/d:multistatus/d:sync-token", nullptr).value_or(""));
  for (auto* const node : paths.find("/d:multistatus/d:response", nullptr).nodes) {
    DavResource resource;
    resource.href = without_blanks(first(paths, "d:href", node).value_or(""));
    if (resource.href.empty()) return malformed();
    if (const auto status = first(paths, "d:status", node)) resource.status = status_in(*status);
    for (auto* const group : paths.find("d:propstat", node).nodes) {
      if (status_in(first(paths, "d:status", group).value_or("")) / 100 != 2) continue;
      resource.collection =
          resource.collection || !paths.find("d:prop/d:resourcetype/d:collection", group).nodes.empty();
      if (auto etag = first(paths, "d:prop/d:getetag", group)) resource.etag = without_blanks(std::move(*etag));
      if (auto data = first(paths, "d:prop/c:calendar-data", group)) resource.calendar_data = std::move(*data);
      if (auto token = first(paths, "d:prop/d:sync-token", group))
        answer.sync_token = without_blanks(std::move(*token));
    }
    answer.resources.push_back(std::move(resource));
  }
  return answer;
}

bool refuses_token(std::string_view xml) {
  const auto document = parsed(xml);
  if (!document) return false;
  mapping::XPaths paths(*document, kNamespaces);
  return !paths.find("/d:error/d:valid-sync-token", nullptr).nodes.empty();
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

}  // namespace relais::calendar
