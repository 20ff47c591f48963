// Fills in what a draft leaves out, and refuses what can not be sent, before any key is used.
#pragma once

#include "adapters/sdk/draft.h"
#include "adapters/sdk/keyring.h"
#include "adapters/sdk/network.h"
#include "adapters/sdk/referral_memory.h"
#include "broker/base/clock.h"
#include "broker/base/result.h"

namespace relais::sdk {

/// The envelope as draft.h promises, but for the signing key and the compartments.
/// Without recipients only when they are still to be found: those of a request that wants_route(), and of what follows
/// on it meanwhile. envelope.malformed, identity.not_served, route.none: `field` is a path in the draft.
base::Result<v1::Envelope> complete(const Draft& draft, const Keyring& keyring, const ReferralMemory& referrals,
                                    const Network& network, base::Instant now);

/// Whether the broker alone acts on it, and tells whom it must: slots and consent need no recipients.
[[nodiscard]] bool may_name_nobody(const v1::Envelope& envelope);

}  // namespace relais::sdk
