// A case ("parcours"): who takes part, who leads, and what the person agreed to. Questions on its row.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"
#include "broker/core/state.h"

#include "relais/v1/network.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::core {

/// The lead, whom it keeps on, and both sides of every referral that was accepted and whose loop is open. The sender of
/// a referral takes part from the request on: it knows the person already.
[[nodiscard]] bool takes_part(const v1::CaseRow& parcours, std::string_view institution);

/// Everybody who takes part, the lead first, each once.
std::vector<std::string> participants(const v1::CaseRow& parcours);

/// The person's request with this id; null when the case has none.
const v1::RightsRow* rights_request(const v1::CaseRow& parcours, std::string_view request_id);

/// Everybody who was told something in the case, or told something itself: who takes part, both sides of every referral
/// there ever was, and who had a request before it was handed on.
std::vector<std::string> who_was_told(const v1::CaseRow& parcours, const State& state);

/// Whether what `agreement` covers may be shared now for this purpose, as far as the person's consent goes. `parcours`
/// null: the case does not exist yet. consent.missing, consent.expired, consent.withdrawn.
base::Status check_consent(const v1::Agreement& agreement, std::string_view purpose, const v1::CaseRow* parcours,
                           base::Instant now);

}  // namespace relais::core
