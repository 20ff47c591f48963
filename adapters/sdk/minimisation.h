// Before anything is sealed: what each reader may be told, by the same rules as the broker's. What may not go is left
// out, and the envelope says so, so that both sides can show later what was shared and what was withheld.
#pragma once

#include <vector>

#include "adapters/sdk/draft.h"
#include "adapters/sdk/network.h"

namespace relais::sdk {

/// Names who takes a request over when nobody decides in time, unless the caller has: as the agreement says, then the
/// purpose's recipient by law. Only those that an agreement with the sender covers and that something can be sealed
/// for.
void name_fallbacks(v1::Envelope& envelope, const Network& network, base::Instant now);

/// Names the members of the team that a request goes to, unless the caller has: those that something can be sealed for.
void name_team_members(v1::Envelope& envelope, const Network& network, base::Instant now);

/// `contents` without the readers that may not be told of them, and without those that nobody is left to read; each
/// pair of category and reader taken out stands in `envelope.withheld`. A reader that no agreement covers is left in:
/// the broker's refusal says why. Contents that name no readers are for all recipients,
/// fallbacks and team members, and for whom the sender acts.
/// envelope.malformed: a reader that is neither.
base::Result<std::vector<DraftContent>> minimise(v1::Envelope& envelope, std::span<const DraftContent> contents,
                                                 const Network& network, base::Instant now);

}  // namespace relais::sdk
