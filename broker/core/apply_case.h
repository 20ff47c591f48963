// The row of a case: how apply() changes who takes part, who leads, and what the person agreed to.
#pragma once

#include <string>
#include <string_view>

#include "broker/core/apply_delivery.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// A referral begins: its case exists from now on, its sender takes part in it.
void begin_in_case(State& state, const v1::ReferralOpened& event);
/// The recipient of a referral took it in charge, and with it takes part in the case.
void join_case(State& state, std::string_view case_id, const std::string& institution);
/// The loop of one of its referrals is closed: an institution without another one leaves, unless the lead keeps it on.
void leave_case(State& state, std::string_view case_id, const std::string& institution);

/// A message with contents was accepted. The last kSharedMax are remembered, so that both sides can show them.
inline constexpr int kSharedMax = 100;
void note_shared(State& state, std::string_view case_id, std::string_view message_id);

void lead_case(State& state, const v1::CaseLed& event);
void propose_lead(State& state, const v1::LeadProposed& event);
void keep_on(State& state, const v1::ParticipantKeptOn& event);
void record_consent(State& state, const v1::ConsentRecorded& event, const Moment& moment);

/// What the person asked for. The last kRightsMax are remembered.
inline constexpr int kRightsMax = 20;
void open_rights(State& state, const v1::RightsOpened& event, const Moment& moment);
void reply_to_rights(State& state, const v1::RightsReplied& event, const Moment& moment);
void remind_of_rights(State& state, const v1::RightsReminded& event);

}  // namespace relais::core
