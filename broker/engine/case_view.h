// A case as one of its participants may see it.
#pragma once

#include <string_view>

#include "broker/core/state.h"
#include "broker/engine/views.h"

#include "relais/v1/frames.pb.h"

namespace relais::engine::views {

/// Whether the asker speaks for somebody on either side of the referral.
[[nodiscard]] bool is_on_a_side(const v1::ReferralRow& referral, const SpeaksFor& speaks_for);

/// The lead sees every referral of the case, the others those they are a side of; everybody the consents; of what was
/// shared, each what it sent or got. At most kCaseReferralsMax referrals, the latest.
inline constexpr int kCaseReferralsMax = 200;
v1::CaseView case_view(std::string_view case_id, const v1::CaseRow& row, const core::State& state,
                       const SpeaksFor& speaks_for, const EnvelopeOf& envelope_of);

}  // namespace relais::engine::views
