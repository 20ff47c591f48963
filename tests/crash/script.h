// Who says what after what: six ways for a referral to go. No way lets two messages race for one state, so a refusal by
// the broker is always a finding.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "tests/crash/ledger.h"

namespace relais::crash {

/// target: to whom a referral was forwarded.
enum class Side { sender, recipient, target };

enum class Way { meeting, absent, rejected, cancelled, forwarded, held, leg };

struct Step {
  Way way;
  Side side;
  Body after;  // heard, or said by this side
  Body message;
  bool reply;  // part of the verdict on the message that it follows; else by submit(), on the software's thread
};

using enum v1::Envelope::BodyCase;

/// A step by submit() never follows one by reply: the software may be faster than the verdict.
inline constexpr std::array kScript = {
    Step{Way::meeting, Side::sender, kReferralRequested, kInformationRequested, false},
    Step{Way::meeting, Side::recipient, kReferralRequested, kReferralAccepted, true},
    Step{Way::meeting, Side::recipient, kInformationRequested, kInformationProvided, true},
    Step{Way::meeting, Side::recipient, kInformationRequested, kReferralStarted, false},
    Step{Way::meeting, Side::recipient, kReferralStarted, kAppointmentBooked, false},
    Step{Way::meeting, Side::sender, kAppointmentBooked, kAppointmentRescheduled, false},
    Step{Way::meeting, Side::recipient, kAppointmentRescheduled, kAppointmentArrived, false},
    Step{Way::meeting, Side::recipient, kAppointmentArrived, kAppointmentFulfilled, false},
    Step{Way::meeting, Side::recipient, kAppointmentFulfilled, kReferralCompleted, false},

    Step{Way::absent, Side::sender, kReferralRequested, kInformationRequested, false},
    Step{Way::absent, Side::recipient, kReferralRequested, kReferralAccepted, true},
    Step{Way::absent, Side::recipient, kReferralAccepted, kReferralStarted, true},
    Step{Way::absent, Side::recipient, kReferralStarted, kAppointmentProposed, true},
    Step{Way::absent, Side::recipient, kInformationRequested, kInformationProvided, true},
    Step{Way::absent, Side::sender, kAppointmentProposed, kAppointmentBooked, true},
    Step{Way::absent, Side::recipient, kAppointmentBooked, kAppointmentNoShow, false},
    Step{Way::absent, Side::recipient, kAppointmentNoShow, kReferralCompleted, false},

    Step{Way::rejected, Side::recipient, kReferralRequested, kReferralRejected, true},

    Step{Way::cancelled, Side::recipient, kReferralRequested, kReferralAccepted, true},
    Step{Way::cancelled, Side::sender, kReferralAccepted, kReferralCancelled, false},

    Step{Way::forwarded, Side::recipient, kReferralRequested, kReferralForwarded, true},
    Step{Way::leg, Side::target, kReferralForwarded, kReferralAccepted, true},
    Step{Way::leg, Side::target, kReferralAccepted, kReferralStarted, true},
    Step{Way::leg, Side::target, kReferralStarted, kReferralCompleted, true},

    Step{Way::held, Side::recipient, kReferralRequested, kReferralAccepted, true},
    Step{Way::held, Side::recipient, kReferralAccepted, kReferralHeld, true},
    Step{Way::held, Side::sender, kReferralHeld, kInformationProvided, false},
    Step{Way::held, Side::recipient, kInformationProvided, kReferralStarted, false},
    Step{Way::held, Side::recipient, kReferralStarted, kReferralCompleted, false},
};

/// Half of the referrals go the longest way. Legs are not among the answers.
Way way_of(std::string_view referral_id);

/// What the verdict on `heard` brings with it, in order.
std::vector<Body> replies(Way way, Side side, Body heard);

/// Ids that both sides know without telling each other.
std::string leg_of(std::string_view referral_id);
std::string appointment_of(std::string_view referral_id);

}  // namespace relais::crash
