// The life of a referral, as a table. Every pair not listed is refused; a test walks them all, and the documentation's
// table is generated from it. Words: FHIR R4 Task.status; EXPIRED and FORWARDED are ours.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/message_kinds.h"

#include "relais/v1/common.pb.h"

namespace relais::core {

struct ReferralMove {
  v1::ReferralStatus from;
  Body message;
  v1::ReferralStatus to;
};

inline constexpr std::array kReferralMoves = {
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralReceived, v1::REFERRAL_STATUS_RECEIVED},
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralAccepted, v1::REFERRAL_STATUS_ACCEPTED},
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralRejected, v1::REFERRAL_STATUS_REJECTED},
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralForwarded, v1::REFERRAL_STATUS_FORWARDED},
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralCancelled, v1::REFERRAL_STATUS_CANCELLED},
    ReferralMove{v1::REFERRAL_STATUS_REQUESTED, Body::kReferralExpired, v1::REFERRAL_STATUS_EXPIRED},
    ReferralMove{v1::REFERRAL_STATUS_RECEIVED, Body::kReferralAccepted, v1::REFERRAL_STATUS_ACCEPTED},
    ReferralMove{v1::REFERRAL_STATUS_RECEIVED, Body::kReferralRejected, v1::REFERRAL_STATUS_REJECTED},
    ReferralMove{v1::REFERRAL_STATUS_RECEIVED, Body::kReferralForwarded, v1::REFERRAL_STATUS_FORWARDED},
    ReferralMove{v1::REFERRAL_STATUS_RECEIVED, Body::kReferralCancelled, v1::REFERRAL_STATUS_CANCELLED},
    ReferralMove{v1::REFERRAL_STATUS_RECEIVED, Body::kReferralExpired, v1::REFERRAL_STATUS_EXPIRED},
    ReferralMove{v1::REFERRAL_STATUS_ACCEPTED, Body::kReferralForwarded, v1::REFERRAL_STATUS_FORWARDED},
    ReferralMove{v1::REFERRAL_STATUS_ACCEPTED, Body::kReferralStarted, v1::REFERRAL_STATUS_IN_PROGRESS},
    ReferralMove{v1::REFERRAL_STATUS_ACCEPTED, Body::kReferralHeld, v1::REFERRAL_STATUS_ON_HOLD},
    ReferralMove{v1::REFERRAL_STATUS_ACCEPTED, Body::kReferralCompleted, v1::REFERRAL_STATUS_COMPLETED},
    ReferralMove{v1::REFERRAL_STATUS_ACCEPTED, Body::kReferralCancelled, v1::REFERRAL_STATUS_CANCELLED},
    ReferralMove{v1::REFERRAL_STATUS_IN_PROGRESS, Body::kReferralHeld, v1::REFERRAL_STATUS_ON_HOLD},
    ReferralMove{v1::REFERRAL_STATUS_IN_PROGRESS, Body::kReferralCompleted, v1::REFERRAL_STATUS_COMPLETED},
    ReferralMove{v1::REFERRAL_STATUS_IN_PROGRESS, Body::kReferralCancelled, v1::REFERRAL_STATUS_CANCELLED},
    ReferralMove{v1::REFERRAL_STATUS_ON_HOLD, Body::kReferralStarted, v1::REFERRAL_STATUS_IN_PROGRESS},
    ReferralMove{v1::REFERRAL_STATUS_ON_HOLD, Body::kReferralCancelled, v1::REFERRAL_STATUS_CANCELLED},
};

/// "requested", "on_hold", ...
std::string_view status_name(v1::ReferralStatus status);

[[nodiscard]] bool is_terminal(v1::ReferralStatus status);

/// Where `message` leads from `from`; empty when it is not allowed. Not for messages that leave the status unchanged.
std::optional<v1::ReferralStatus> next_status(v1::ReferralStatus from, Body message);

/// Names of all messages that institutions may send in this state, for the refusal of one that is not among them.
std::vector<std::string> allowed_messages(v1::ReferralStatus status, bool closed);

}  // namespace relais::core
