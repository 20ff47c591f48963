// Where is there a place, and when? Soonest first, from the index of free slots; the work for one question is bounded.
#pragma once

#include "broker/base/result.h"
#include "broker/core/state.h"

#include "relais/v1/frames.pb.h"

namespace relais::core {

inline constexpr std::uint32_t kSlotsAnsweredMax = 200;
inline constexpr std::size_t kSlotStreamsMax = 1'000;  // services of hosts looked through for one question
inline constexpr std::size_t kSlotsExaminedMax = 5'000;

/// Slots that can be booked at `now` with a host that the asker has a valid agreement with for the purpose; its own
/// too. The caller has checked that the asker may speak for `query.institution`. input.invalid, network.none,
/// identity.unknown, purpose.unknown, commune.unknown, route.none (the host), not.found (the service), agreement.* (a
/// host that is named), slot.search_too_wide.
base::Result<v1::SlotsAnswer> find_slots(const State& state, const v1::SlotsQuery& query, base::Instant now);

}  // namespace relais::core
