// When a slot has a place for somebody. The two tables of slots: `slots` (institution, slot_id), and `free_slots`, the
// index for searches: (institution, service_id, start, slot_id) for each slot with a free place. A slot that was
// withdrawn while people are expected in it stays, with capacity 0, until its end.
#pragma once

#include <optional>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/core/state.h"

#include "relais/v1/appointment.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::core {

inline constexpr int kSlotsMax = 500;  // in one message
inline constexpr std::uint32_t kSlotCapacityMax = 10'000;
inline constexpr std::int64_t kMeetingMsMax = 24LL * 3'600'000;
/// A slot further ahead is a slip of the pen.
inline constexpr base::Milliseconds kSlotAheadMax{731LL * 86'400'000};

/// Pending, booked, and what follows from booked: somebody is, or was, expected. A proposal takes no place.
[[nodiscard]] bool takes_place(v1::AppointmentStatus status);

/// Until it starts; one where people may come now, until it ends. Places are another question.
[[nodiscard]] bool is_bookable(const v1::Slot& slot, base::Instant now);

[[nodiscard]] bool has_ended(const v1::Slot& slot, base::Instant now);
[[nodiscard]] bool is_withdrawn(const v1::SlotRow& row);
[[nodiscard]] bool has_free_place(const v1::SlotRow& row);

/// Same time, place, service and mode: who is expected in one is not misled by the other.
[[nodiscard]] bool is_same_meeting(const v1::Slot& one, const v1::Slot& other);

/// Whether the meeting is in this slot, and not in an earlier one with the same id: a slot does not move while anybody
/// is expected in it, and one that ended does not come back.
[[nodiscard]] bool is_in(const v1::Meeting& meeting, const v1::Slot& slot);

/// Empty when it was never published, or has ended and gone, or was withdrawn with nobody in it.
std::optional<v1::SlotRow> find_slot(const State& state, std::string_view institution, std::string_view slot_id);

}  // namespace relais::core
