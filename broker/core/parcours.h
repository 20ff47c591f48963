// A case ("parcours"): who takes part, who leads, and what the person agreed to. Questions on its row.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"

#include "relais/v1/network.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::core {

/// The lead, whom it keeps on, and both sides of every referral that was accepted and whose loop is open. The sender of
/// a referral takes part from the request on: it knows the person already.
[[nodiscard]] bool takes_part(const v1::CaseRow& parcours, std::string_view institution);

/// Everybody who takes part, the lead first, each once.
std::vector<std::string> participants(const v1::CaseRow& parcours);

/// Whether what `agreement` covers may be shared now for this purpose, as far as the person's consent goes. `parcours`
/// null: the case does not exist yet. consent.missing, consent.expired, consent.withdrawn.
base::Status check_consent(const v1::Agreement& agreement, std::string_view purpose, const v1::CaseRow* parcours,
                           base::Instant now);

}  // namespace relais::core
