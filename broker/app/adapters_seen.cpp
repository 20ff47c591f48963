#include "broker/app/adapters_seen.h"

#include <algorithm>
#include <tuple>

namespace relais::app {

void AdaptersSeen::opened(const transport::SessionInfo& session) {
  const std::lock_guard lock(mutex_);
  by_key_[session.transport_key] = {
      session.id, {session.adapter, session.adapter_version, session.institutions, true, clock_.now(), {}}};
}

void AdaptersSeen::closed(transport::SessionId session, std::string_view why) {
  const std::lock_guard lock(mutex_);
  // An older session of the same key may end after the newer one began.
  const auto found = std::ranges::find_if(by_key_, [&](const auto& entry) { return entry.second.session == session; });
  if (found == by_key_.end()) return;
  found->second.seen.connected = false;
  found->second.seen.since = clock_.now();
  found->second.seen.why = why;
}

std::vector<admin::AdapterSeen> AdaptersSeen::list() const {
  std::vector<admin::AdapterSeen> list;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : by_key_) list.push_back(entry.seen);
  }
  std::ranges::stable_sort(
      list, [](const auto& a, const auto& b) { return std::tie(b.connected, a.name) < std::tie(a.connected, b.name); });
  return list;
}

}  // namespace relais::app
