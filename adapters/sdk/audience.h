// Who an announcement is for.
#pragma once

#include "adapters/sdk/network.h"

#include "relais/v1/envelope.pb.h"

namespace relais::sdk {

/// Names as recipients the institutions of the kinds and places in the body, in the order of the network definition,
/// those that something can be sealed for; the sender is none of them. Who is there for a part of a place is there for
/// it: a département for each EPCI that reaches into it, an arrondissement for its city. Who names no area is there for
/// no place, and only gets what names none.
void name_audience(v1::Envelope& envelope, const Network& network, base::Instant now);

}  // namespace relais::sdk
