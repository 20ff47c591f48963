// Bookable time: what a host publishes, and how a guest names a place that it found with Adapter::slots().
#pragma once

#include <span>
#include <string>
#include <vector>

#include "adapters/sdk/draft.h"

#include "relais/v1/appointment.pb.h"
#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// One draft for each 500 slots, each new or in the place of the one with its id. `purpose`: any of the network. The
/// sender is filled in when the adapter serves one institution, else it is the caller's to set.
std::vector<Draft> publish_slots(const std::string& purpose, std::span<const v1::Slot> slots);

/// No new bookings; who is expected stays expected.
std::vector<Draft> withdraw_slots(const std::string& purpose, std::span<const std::string> slot_ids);

/// A meeting in this slot, with everything that the slot says written out, so that each recipient's software sees it.
/// For AppointmentProposed, AppointmentHeld, AppointmentBooked and AppointmentRescheduled.
v1::Meeting meeting_in(const v1::Slot& slot);

}  // namespace relais::sdk
