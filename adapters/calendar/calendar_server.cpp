#include "adapters/calendar/calendar_server.h"

#include <algorithm>

#include "broker/base/ids.h"

namespace relais::calendar {

std::string why_of(const base::Refusal& refusal) {
  const auto found = std::ranges::find(refusal.facts, "why", &std::pair<std::string, std::string>::first);
  return found == refusal.facts.end() ? std::string(refusal.name()) : found->second;
}

std::string plain_href(std::string_view href) {
  if (const auto scheme = href.find("://"); scheme != std::string_view::npos) {
    const auto slash = href.find('/', scheme + 3);
    href = slash == std::string_view::npos ? "/" : href.substr(slash);
  }
  std::string plain;
  for (std::size_t i = 0; i < href.size(); ++i) {
    const auto byte = href[i] == '%' && i + 2 < href.size() ? base::unhex(href.substr(i + 1, 2)) : std::nullopt;
    plain += byte ? byte->front() : href[i];
    if (byte) i += 2;
  }
  return plain;
}

}  // namespace relais::calendar
