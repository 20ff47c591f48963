#include "broker/core/message_kinds.h"

#include <array>

#include "broker/base/check.h"

namespace relais::core {

namespace {
constexpr std::array kKinds = {
    MessageKind{Body::kReferralRequested, "referral_requested", Subject::referral, Speaker::sender},
    MessageKind{Body::kReferralReceived, "referral_received", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralAccepted, "referral_accepted", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralRejected, "referral_rejected", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralForwarded, "referral_forwarded", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralStarted, "referral_started", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralHeld, "referral_held", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralCompleted, "referral_completed", Subject::referral, Speaker::recipient},
    MessageKind{Body::kReferralCancelled, "referral_cancelled", Subject::referral, Speaker::sender},
    MessageKind{Body::kReferralExpired, "referral_expired", Subject::notice, Speaker::broker},
    MessageKind{Body::kOutcomeAcknowledged, "outcome_acknowledged", Subject::referral, Speaker::sender},
    MessageKind{Body::kInformationRequested, "information_requested", Subject::information, Speaker::either},
    MessageKind{Body::kInformationProvided, "information_provided", Subject::information, Speaker::either},
    MessageKind{Body::kDeadlineMissed, "deadline_missed", Subject::notice, Speaker::broker},
    MessageKind{Body::kDeliveryFailed, "delivery_failed", Subject::notice, Speaker::broker},
    MessageKind{Body::kReferralReassigned, "referral_reassigned", Subject::notice, Speaker::broker},
    MessageKind{Body::kNoteShared, "note_shared", Subject::parcours, Speaker::participant},
    MessageKind{Body::kLeadOffered, "lead_offered", Subject::parcours, Speaker::lead},
    MessageKind{Body::kLeadAccepted, "lead_accepted", Subject::parcours, Speaker::participant},
    MessageKind{Body::kLeadDeclined, "lead_declined", Subject::parcours, Speaker::participant},
    MessageKind{Body::kParticipantKept, "participant_kept", Subject::parcours, Speaker::lead},
    MessageKind{Body::kParticipantReleased, "participant_released", Subject::parcours, Speaker::participant},
    MessageKind{Body::kConsentGranted, "consent_granted", Subject::parcours, Speaker::participant},
    MessageKind{Body::kConsentWithdrawn, "consent_withdrawn", Subject::parcours, Speaker::participant},
    MessageKind{Body::kRightsRequested, "rights_requested", Subject::parcours, Speaker::participant},
    MessageKind{Body::kRightsAnswered, "rights_answered", Subject::parcours, Speaker::participant},
    MessageKind{Body::kRightsOverdue, "rights_overdue", Subject::notice, Speaker::broker},
    MessageKind{Body::kAppointmentProposed, "appointment_proposed", Subject::appointment, Speaker::either},
    MessageKind{Body::kAppointmentHeld, "appointment_held", Subject::appointment, Speaker::either},
    MessageKind{Body::kAppointmentBooked, "appointment_booked", Subject::appointment, Speaker::either},
    MessageKind{Body::kAppointmentRescheduled, "appointment_rescheduled", Subject::appointment, Speaker::either},
    MessageKind{Body::kAppointmentCancelled, "appointment_cancelled", Subject::appointment, Speaker::either},
    MessageKind{Body::kAppointmentArrived, "appointment_arrived", Subject::appointment, Speaker::recipient},
    MessageKind{Body::kAppointmentFulfilled, "appointment_fulfilled", Subject::appointment, Speaker::recipient},
    MessageKind{Body::kAppointmentNoShow, "appointment_no_show", Subject::appointment, Speaker::recipient},
    MessageKind{Body::kSlotsPublished, "slots_published", Subject::slots, Speaker::either},
    MessageKind{Body::kSlotsWithdrawn, "slots_withdrawn", Subject::slots, Speaker::either},
    MessageKind{Body::kAnnouncementMade, "announcement_made", Subject::announcement, Speaker::either},
    MessageKind{Body::kConnectionTested, "connection_tested", Subject::notice, Speaker::broker},
};
}  // namespace

std::span<const MessageKind> message_kinds() { return kKinds; }

const MessageKind& kind_of(Body body) {
  for (const auto& kind : kKinds)
    if (kind.body == body) return kind;
  base::fail_check("a body without a kind", std::source_location::current());
}

std::optional<Body> body_named(std::string_view name) {
  for (const auto& kind : kKinds)
    if (kind.name == name) return kind.body;
  return std::nullopt;
}

}  // namespace relais::core
