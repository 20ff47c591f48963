// How an event changes the slots and the places in them.
#pragma once

#include <string_view>

#include "broker/core/apply_delivery.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

void publish_slot(State& state, const v1::SlotPublished& event);

/// Also what happens to a slot when it ends: then nothing of it is left.
void withdraw_slot(State& state, const v1::SlotWithdrawn& event, const Moment& moment);

/// An appointment with `host` becomes `after`: gives back the place that it had and takes the one that it has now.
/// `before` is null when there was no such appointment. An exercise takes no place from anybody: not for those.
void change_places(State& state, std::string_view host, const v1::AppointmentRow* before,
                   const v1::AppointmentMoved& after);

}  // namespace relais::core
