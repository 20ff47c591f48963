// One submission under judgement, and what those who judge its parts share. Only decide_*.cpp include it.
#pragma once

#include <string>
#include <string_view>

#include "broker/base/result.h"
#include "broker/core/decide.h"

namespace relais::core {

struct Case {
  const State& state;
  const Directory& directory;
  const Submission& submission;
  const v1::Envelope& envelope;
  const Context& context;
};

/// The agreement under which `from` may turn to `to` now, or why there is none: agreement.none, .expired,
/// .not_yet_valid.
base::Result<const v1::Agreement*> agreement_for(const Case& c, const std::string& from, const std::string& to);
/// The same for two participants of a case, whichever of them the agreement lets begin.
base::Result<const v1::Agreement*> agreement_between(const Case& c, const std::string& one, const std::string& other);

/// Everybody and everything that the envelope names exists: identity.unknown, route.none, purpose.unknown,
/// commune.unknown, service.not_offered. Of meetings, move_appointment() asks.
base::Status check_named(const Case& c);

/// `host`, or a member of the team that it is, offers the service; an empty one is none. service.not_offered.
base::Status check_service(const Case& c, const std::string& host, const std::string& service_id,
                           std::string_view field);

/// The event by which the submission enters the queues of its recipients. `agreement` may be null.
v1::Event accepted(const Case& c, const v1::Agreement* agreement, std::string_view agreement_id,
                   const v1::ReferralRow* referral = nullptr);

/// lifecycle.invalid_transition, with what the referral allows now.
base::Refusal not_now(const v1::ReferralRow& referral);

/// A message about a case as a whole.
base::Result<Decision> decide_case(const Case& c);

/// What the person of a case asks of those who were told something in it, and what they answer. `parcours` is the
/// case's row.
base::Result<Decision> decide_rights(const Case& c, const v1::CaseRow& parcours);

/// An appointment message about `referral`, whose sides have been checked.
base::Result<Decision> move_appointment(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement);

/// Slots published or withdrawn by their host.
base::Result<Decision> change_slots(const Case& c);

}  // namespace relais::core
