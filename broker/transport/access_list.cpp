#include "broker/transport/access_list.h"

#include <algorithm>

namespace relais::transport {

AccessList::AccessList(const v1::NetworkDefinition& network) : network_version_(network.version()) {
  for (const auto& institution : network.institutions())
    for (const auto& key : institution.transport_keys())
      rights_[key.key()].push_back({institution.id(), key.valid_from_ms(), key.valid_until_ms()});
}

bool AccessList::Right::holds(base::Instant now) const {
  const auto ms = base::to_ms(now);
  return ms >= from_ms && (until_ms == 0 || ms < until_ms);
}

bool AccessList::knows(std::string_view key, base::Instant now) const {
  const auto rights = rights_.find(std::string(key));
  return rights != rights_.end() &&
         std::ranges::any_of(rights->second, [&](const Right& right) { return right.holds(now); });
}

bool AccessList::speaks_for(std::string_view key, std::string_view institution, base::Instant now) const {
  const auto rights = rights_.find(std::string(key));
  return rights != rights_.end() && std::ranges::any_of(rights->second, [&](const Right& right) {
           return right.institution == institution && right.holds(now);
         });
}

}  // namespace relais::transport
