// Who answers for a referral, and until when: the holder and the deadline that each status brings.
#pragma once

#include <string>

#include "broker/core/decide.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// A message may name a deadline (ReferralHeld.until_ms); 0: the agreement's, or the broker's default.
v1::Event move_to(v1::ReferralStatus status, std::string_view referral_id, const v1::ReferralRow& referral,
                  std::int64_t named_deadline_ms, const State& state, const Context& context);

/// When a referral opened now must be decided upon.
std::int64_t decision_deadline_ms(const v1::Agreement& agreement, v1::Priority priority, const State& state,
                                  const Context& context);

/// Events that cancel every appointment of the referral that is not over: the referral ended.
void cancel_open_appointments(const v1::ReferralRow& referral, const State& state, std::vector<v1::Event>& events);

}  // namespace relais::core
