#include "broker/admin/presence.h"

#include <algorithm>

namespace relais::admin {

bool serves(const AdapterSeen& adapter, std::string_view institution) {
  return std::ranges::find(adapter.institutions, institution) != adapter.institutions.end();
}

Presence presence_of(const std::vector<AdapterSeen>& adapters, std::string_view institution, base::Instant started_at) {
  Presence presence{0, started_at};
  for (const auto& adapter : adapters) {
    if (!serves(adapter, institution)) continue;
    if (adapter.connected)
      ++presence.connected;
    else
      presence.last_seen = std::max(presence.last_seen, adapter.since);
  }
  return presence;
}

}  // namespace relais::admin
