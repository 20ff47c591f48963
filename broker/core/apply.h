// Changes the state by one event. Cannot fail: what could fail was decided before.
#pragma once

#include "broker/base/crypto.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// `position` and `at` are those of the record that holds the event.
void apply(State& state, const v1::Event& event, Position position, base::Instant at, Observer& observer);

/// Applies all events of a record, in order.
void apply(State& state, const v1::Record& record, Observer& observer);

/// BLAKE2b-256 over all tables in order: equal states have equal digests. Walks everything; for tests and verification.
base::Hash state_digest(const Tables& tables);

}  // namespace relais::core
