// Who an announcement is for.
#pragma once

#include "adapters/sdk/network.h"

#include "relais/v1/envelope.pb.h"

namespace relais::sdk {

/// Names as recipients the institutions of the kinds and places in the body, those that something can be sealed for.
/// The sender is none of them.
void name_audience(v1::Envelope& envelope, const Network& network, base::Instant now);

}  // namespace relais::sdk
