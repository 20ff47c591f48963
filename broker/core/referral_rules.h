// Who answers for a referral, for which step, and until when: the holder and the deadline that each status brings.
//
// An open referral has exactly one holder and one next deadline. The steps follow one another: receive, decide, first
// appointment, complete, acknowledge; those that the agreement sets no term for and that have no default are left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/decide.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// Where a referral stands when it is requested at an institution, at first or when another let the time pass.
struct FirstStep {
  v1::DeadlineStep step = v1::DEADLINE_STEP_DECIDE;
  std::int64_t deadline_ms = 0;
  std::int64_t decide_by_ms = 0;
};
FirstStep first_step(const v1::Agreement& agreement, v1::Priority priority, const State& state, const Context& context);

/// What deadline_ms of the row is for.
[[nodiscard]] v1::DeadlineStep step_of(const v1::ReferralRow& referral);

/// A message may name a deadline (ReferralHeld.until_ms); 0: the agreement's, or the broker's default.
v1::Event move_to(v1::ReferralStatus status, std::string_view referral_id, const v1::ReferralRow& referral,
                  std::int64_t named_deadline_ms, const State& state, const Context& context);

/// The next to take a referral that nobody decided on in time: the first of its fallbacks that an agreement with the
/// sender still covers, with the person's consent where that asks for it. `skipped` gets those before it. Empty:
/// nobody, or the contents of the request are erased.
struct Successor {
  std::string institution;
  const v1::Agreement* agreement = nullptr;
};
std::optional<Successor> successor(const v1::ReferralRow& referral, const State& state, const Context& context,
                                   std::vector<std::string>& skipped);

/// The delivery of the request of a referral to one institution more.
v1::DeliveryRef request_to(const std::string& recipient, const v1::ReferralRow& referral,
                           const v1::MessageRow& request);

/// Events that cancel every appointment of the referral that is not over: the referral ended, or left its recipient.
/// Answers their ids, for tell_cancelled().
std::vector<std::string> cancel_open_appointments(const v1::ReferralRow& referral, const State& state,
                                                  std::vector<v1::Event>& events);

/// A notice to all sides for each appointment that ended with its referral; `ordinal` is that of the first in the
/// record.
void tell_cancelled(const std::vector<std::string>& appointments, std::string_view referral_id,
                    const v1::ReferralRow& referral, std::uint32_t ordinal, const Context& context,
                    std::vector<v1::Event>& events);

}  // namespace relais::core
