// Whether an institution's adapters are there, and since when not.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "broker/admin/sources.h"

namespace relais::admin {

/// Whether it speaks for the institution.
bool serves(const AdapterSeen& adapter, std::string_view institution);

struct Presence {
  std::size_t connected = 0;
  base::Instant last_seen{};  // while none is connected: when the last one went, or the process began
};

Presence presence_of(const std::vector<AdapterSeen>& adapters, std::string_view institution, base::Instant started_at);

}  // namespace relais::admin
