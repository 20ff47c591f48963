// How an event changes the pause of an institution.
#pragma once

#include "broker/core/apply_delivery.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

void pause(State& state, const v1::InstitutionPaused& event, const Moment& moment);
void begin_pause(State& state, const v1::PauseBegan& event);
void end_pause(State& state, const v1::InstitutionResumed& event, Observer& observer);

}  // namespace relais::core
