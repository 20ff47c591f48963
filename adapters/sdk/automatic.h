// The messages that an adapter owes without anybody writing them.
#pragma once

#include <optional>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/draft.h"
#include "adapters/sdk/handler.h"

namespace relais::sdk {

/// Which side of the referral a notice of the broker is about we are, as far as it matters here.
enum class Side { unknown, sender, other };

/// ReferralReceived when `message` brings us a referral; OutcomeAcknowledged when it tells us, its sender, how a
/// referral ended. `side` is needed where needs_side() says so; for ReferralExpired unknown
/// gives nothing.
std::optional<Draft> automatic_reply(const Incoming& message, Side side);

/// Whether `side` must be known to answer.
bool needs_side(const v1::Envelope& envelope);

/// OutcomeAcknowledged once the broker promised our own cancellation: our software knows it already.
std::optional<Draft> automatic_after_receipt(const v1::Envelope& submitted);

}  // namespace relais::sdk
