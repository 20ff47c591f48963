#include "broker/core/envelope_check.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/core/envelope_check_parts.h"
#include "broker/core/message_kinds.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Status;

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kSealedKeyBytes = 48;
constexpr std::size_t kSealedTagBytes = 16;
constexpr std::string_view kTraceParentShape = "vv-tttttttttttttttttttttttttttttttt-ssssssssssssssss-ff";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// https://www.w3.org/TR/trace-context/, version 00: nothing else finds room in it.
bool is_trace_parent(std::string_view text) {
  if (text.size() != kTraceParentShape.size() || !text.starts_with("00-")) return false;
  bool trace = false;
  bool span = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((kTraceParentShape[i] == '-') != (c == '-')) return false;
    if (c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'f')) return false;
    trace |= kTraceParentShape[i] == 't' && c != '0';
    span |= kTraceParentShape[i] == 's' && c != '0';
  }
  return trace && span;  // neither is all zeros
}

Status need_id(std::string_view bytes, std::string_view field) {
  if (bytes.size() == kIdBytes && bytes.find_first_not_of('\0') != std::string_view::npos) return base::Done{};
  return malformed(std::string(field), "16 random bytes");
}

/// That an appointment ended with its referral, the broker says.
bool may_cancel_for(v1::CancellationReason reason) {
  return names_one<v1::CancellationReason_IsValid>(reason) && reason != v1::CANCELLATION_REASON_REFERRAL_ENDED;
}

bool is_commune(std::string_view code) {
  if (code.size() != 5) return false;
  const bool corsica = code[0] == '2' && (code[1] == 'A' || code[1] == 'B');
  return std::all_of(code.begin(), code.end(),
                     [&](const char& c) { return (c >= '0' && c <= '9') || (corsica && &c == &code[1]); });
}

Status check_meeting(const v1::Meeting& meeting, const std::string& field) {
  if (auto said = optional_code(meeting.slot_id(), field + ".slot_id"); !said) return said;
  const bool as_the_slot = !meeting.slot_id().empty() && meeting.start_ms() == 0 && meeting.end_ms() == 0;
  if (!as_the_slot && !is_meeting_time(meeting.start_ms(), meeting.end_ms()))
    return refuse(RefusalCode::appointment_bad_meeting, field);
  if (auto said = optional_code(meeting.location_id(), field + ".location_id"); !said) return said;
  return optional_code(meeting.service_id(), field + ".service_id");
}

Status check_requested(const v1::Envelope& envelope) {
  const auto& body = envelope.referral_requested();
  if (!body.service_need().empty() && !is_thematic(body.service_need()))
    return malformed("referral_requested.service_need", "a thematic [a-z0-9][a-z0-9_.-]{0,127}");
  if (auto said = optional_code(body.service_id(), "referral_requested.service_id"); !said) return said;
  if (!body.commune().empty() && !is_commune(body.commune()))
    return malformed("referral_requested.commune", "an INSEE code of 5 characters");
  if (!body.based_on().empty()) return need_id(body.based_on(), "referral_requested.based_on");
  return base::Done{};
}

Status check_forwarded(const v1::Envelope& envelope) {
  const auto& body = envelope.referral_forwarded();
  if (!is_institution_id(body.to())) return malformed("referral_forwarded.to", "an institution id");
  if (std::find(envelope.recipients().begin(), envelope.recipients().end(), body.to()) == envelope.recipients().end())
    return malformed("recipients", "the sender of the referral and referral_forwarded.to");
  return need_id(body.new_referral_id(), "referral_forwarded.new_referral_id");
}

/// What the body of each kind needs beyond its presence.
Status check_body(const v1::Envelope& envelope, base::Instant now) {
  switch (envelope.body_case()) {
    case Body::kReferralRequested:
      return check_requested(envelope);
    case Body::kReferralForwarded:
      return check_forwarded(envelope);
    case Body::kReferralRejected:
      if (!names_one<v1::RejectionReason_IsValid>(envelope.referral_rejected().reason()))
        return malformed("referral_rejected.reason", "a reason");
      if (const auto& better = envelope.referral_rejected().better_recipient();
          !better.empty() && !is_institution_id(better))
        return malformed("referral_rejected.better_recipient", "an institution id");
      break;
    case Body::kReferralHeld:
      if (!names_one<v1::HoldReason_IsValid>(envelope.referral_held().reason()))
        return malformed("referral_held.reason", "a reason");
      if (envelope.referral_held().until_ms() <= envelope.sent_at_ms())
        return malformed("referral_held.until_ms", "an instant after sent_at_ms");
      break;
    case Body::kReferralCompleted:
      if (!names_one<v1::Outcome_IsValid>(envelope.referral_completed().outcome()))
        return malformed("referral_completed.outcome", "an outcome");
      break;
    case Body::kReferralCancelled:
      if (!may_cancel_for(envelope.referral_cancelled().reason()))
        return malformed("referral_cancelled.reason", "a reason");
      break;
    case Body::kReferralAccepted:
      if (const auto& member = envelope.referral_accepted().member(); !member.empty() && !is_institution_id(member))
        return malformed("referral_accepted.member", "an institution id");
      break;
    case Body::kAnnouncementMade:
      if (const auto until = envelope.announcement_made().valid_until_ms();
          until != 0 && until <= envelope.sent_at_ms())
        return malformed("announcement_made.valid_until_ms", "0 or an instant after sent_at_ms");
      break;
    case Body::kNoteShared:
      if (envelope.compartments().empty()) return malformed("compartments", "at least one: the note itself");
      break;
    case Body::kConsentGranted:
      return check_consent_granted(envelope);
    case Body::kConsentWithdrawn:
      return check_consent_withdrawn(envelope);
    case Body::kRightsRequested:
      return check_rights_requested(envelope);
    case Body::kRightsAnswered:
      if (!names_one<v1::RightsReply_IsValid>(envelope.rights_answered().reply()))
        return malformed("rights_answered.reply", "a reply");
      return need_id(envelope.rights_answered().request_id(), "rights_answered.request_id");
    case Body::kInformationProvided:
      if (const auto& reply = envelope.information_provided().in_reply_to(); !reply.empty())
        return need_id(reply, "information_provided.in_reply_to");
      break;
    case Body::kAppointmentProposed:
      return check_meeting(envelope.appointment_proposed().meeting(), "appointment_proposed.meeting");
    case Body::kAppointmentHeld:
      if (envelope.appointment_held().expires_at_ms() <= envelope.sent_at_ms())
        return malformed("appointment_held.expires_at_ms", "an instant after sent_at_ms");
      return check_meeting(envelope.appointment_held().meeting(), "appointment_held.meeting");
    case Body::kAppointmentBooked:
      if (envelope.appointment_booked().has_meeting())
        return check_meeting(envelope.appointment_booked().meeting(), "appointment_booked.meeting");
      break;
    case Body::kAppointmentRescheduled:
      return check_meeting(envelope.appointment_rescheduled().meeting(), "appointment_rescheduled.meeting");
    case Body::kAppointmentCancelled:
      if (envelope.appointment_cancelled().by() != v1::CANCELLED_BY_PERSON &&
          envelope.appointment_cancelled().by() != v1::CANCELLED_BY_INSTITUTION)
        return malformed("appointment_cancelled.by", "CANCELLED_BY_PERSON or CANCELLED_BY_INSTITUTION");
      if (!may_cancel_for(envelope.appointment_cancelled().reason()))
        return malformed("appointment_cancelled.reason", "a reason");
      break;
    case Body::kSlotsPublished:
      return check_slots_published(envelope, now);
    case Body::kSlotsWithdrawn:
      return check_slots_withdrawn(envelope);
    default:
      break;
  }
  return base::Done{};
}

/// How many recipients a message of this kind names.
struct Few {
  int least;
  int most;
  std::string_view text;
};

Few recipients_of(Body body) {
  switch (body) {
    case Body::kReferralForwarded:
      return {2, 2, "exactly two institutions"};
    case Body::kNoteShared:
      return {1, kRecipientsMax, "1 to 16 institutions"};
    case Body::kConsentGranted:
      return {0, kRecipientsMax, "at most 16 institutions"};
    case Body::kConsentWithdrawn:
      return {0, 0, "nobody: the broker tells every participant"};
    case Body::kRightsRequested:
      return {0, 0, "nobody: the broker asks everybody who was told something"};
    case Body::kReferralRequested:
    case Body::kLeadOffered:
    case Body::kLeadAccepted:
    case Body::kLeadDeclined:
    case Body::kParticipantKept:
    case Body::kParticipantReleased:
    case Body::kRightsAnswered:
      return {1, 1, "exactly one institution"};
    case Body::kAnnouncementMade:
      return {1, kAudienceMax, "1 to 1000 institutions"};
    default:
      return {1, kSideMax, "1 to 4 institutions"};
  }
}

Status check_institutions(const v1::Envelope& envelope, const google::protobuf::RepeatedPtrField<std::string>& ids,
                          std::string_view list) {
  for (int i = 0; i < ids.size(); ++i) {
    const auto field = std::string(list) + "[" + std::to_string(i) + "]";
    if (!is_institution_id(ids[i])) return malformed(field, "an institution id");
    if (ids[i] == envelope.sender()) return malformed(field, "an institution other than the sender");
    if (std::find(ids.begin(), ids.begin() + i, ids[i]) != ids.begin() + i)
      return malformed(field, "each institution once");
  }
  return base::Done{};
}

Status check_recipients(const v1::Envelope& envelope) {
  const auto wanted = recipients_of(envelope.body_case());
  if (envelope.recipients_size() < wanted.least || envelope.recipients_size() > wanted.most)
    return malformed("recipients", std::string(wanted.text));
  return check_institutions(envelope, envelope.recipients(), "recipients");
}

bool is_among(std::string_view id, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Who may open a compartment of the message.
bool is_reader(const v1::Envelope& envelope, std::string_view id) {
  return is_among(id, envelope.recipients()) || is_among(id, envelope.fallbacks()) ||
         is_among(id, envelope.team_members()) || (!id.empty() && id == envelope.on_behalf_of());
}

/// Whom the sender acts for, and the members of a team who may have to act.
Status check_beside(const v1::Envelope& envelope, const MessageKind& kind) {
  if (const auto& principal = envelope.on_behalf_of(); !principal.empty()) {
    const bool on_referral = kind.subject == Subject::referral || kind.subject == Subject::information ||
                             kind.subject == Subject::appointment;
    if (!on_referral) return malformed("on_behalf_of", "nothing in a message that is not about a referral");
    if (!is_institution_id(principal)) return malformed("on_behalf_of", "an institution id");
    if (principal == envelope.sender() || is_among(principal, envelope.recipients()))
      return malformed("on_behalf_of", "an institution other than sender and recipients");
  }
  if (envelope.team_members().empty()) return base::Done{};
  if (!envelope.has_referral_requested())
    return malformed("team_members", "nothing in a message that requests nothing");
  if (envelope.team_members_size() > kTeamMembersMax) return malformed("team_members", "at most 16 institutions");
  for (int i = 0; i < envelope.team_members_size(); ++i)
    if (is_among(envelope.team_members(i), envelope.recipients()) ||
        is_among(envelope.team_members(i), envelope.fallbacks()))
      return malformed("team_members[" + std::to_string(i) + "]", "an institution other than recipient and fallbacks");
  return check_institutions(envelope, envelope.team_members(), "team_members");
}

/// About no person and no case: one sealed note to those it names.
Status check_announcement(const v1::Envelope& envelope) {
  if (!envelope.case_id().empty()) return malformed("case_id", "nothing in an announcement");
  if (!envelope.referral_id().empty()) return malformed("referral_id", "nothing in an announcement");
  if (envelope.compartments_size() != 1 || envelope.compartments(0).category() != v1::CATEGORY_NOTE)
    return malformed("compartments", "one, of category note");
  return check_recipients(envelope);
}

Status check_fallbacks(const v1::Envelope& envelope) {
  if (envelope.fallbacks().empty()) return base::Done{};
  if (!envelope.has_referral_requested()) return malformed("fallbacks", "nothing in a message that requests nothing");
  if (envelope.fallbacks_size() > kFallbacksMax) return malformed("fallbacks", "at most 4 institutions");
  for (int i = 0; i < envelope.fallbacks_size(); ++i)
    if (is_among(envelope.fallbacks(i), envelope.recipients()))
      return malformed("fallbacks[" + std::to_string(i) + "]", "an institution other than the recipient");
  return check_institutions(envelope, envelope.fallbacks(), "fallbacks");
}

Status check_withheld(const v1::Envelope& envelope) {
  if (envelope.withheld_size() > kWithheldMax) return malformed("withheld", "at most 64 entries");
  for (int i = 0; i < envelope.withheld_size(); ++i) {
    const auto& entry = envelope.withheld(i);
    const auto field = "withheld[" + std::to_string(i) + "]";
    if (!names_one<v1::Category_IsValid>(entry.category()))
      return malformed(field + ".category", "a category of this version");
    if (!is_reader(envelope, entry.recipient())) return malformed(field + ".recipient", "a recipient of the envelope");
    if (!is_code(entry.rule())) return malformed(field + ".rule", "the code of a refusal");
  }
  return base::Done{};
}

/// To whom, and about which case and referral.
Status check_subject(const v1::Envelope& envelope, const MessageKind& kind) {
  if (kind.subject == Subject::slots) return check_about_slots(envelope);
  if (kind.subject == Subject::announcement) return check_announcement(envelope);
  if (auto said = check_recipients(envelope); !said) return said;
  if (auto said = need_id(envelope.case_id(), "case_id"); !said) return said;
  if (kind.subject != Subject::parcours) return need_id(envelope.referral_id(), "referral_id");
  if (!envelope.referral_id().empty()) return malformed("referral_id", "nothing in a message about a whole case");
  if (!envelope.has_note_shared() && !envelope.compartments().empty())
    return malformed("compartments", "nothing: only a note has contents here");
  return base::Done{};
}

Status check_envelope(const v1::Envelope& envelope, base::Instant now) {
  if (envelope.version() != kEnvelopeVersion) return refuse(RefusalCode::envelope_version, "version");
  if (auto said = need_id(envelope.message_id(), "message_id"); !said) return said;
  if (envelope.body_case() == Body::BODY_NOT_SET) return malformed("body", "one body of this version");
  const auto& kind = kind_of(envelope.body_case());
  if (kind.speaker == Speaker::broker)
    return refuse(RefusalCode::lifecycle_not_your_role, std::string(kind.name), {{"message", std::string(kind.name)}});
  if (!is_institution_id(envelope.sender())) return malformed("sender", "an institution id");
  if (auto said = check_subject(envelope, kind); !said) return said;
  if (kind.subject == Subject::appointment) {
    if (auto said = need_id(envelope.appointment_id(), "appointment_id"); !said) return said;
  } else if (!envelope.appointment_id().empty()) {
    return malformed("appointment_id", "nothing in a message that is not about an appointment");
  }
  if (!is_code(envelope.purpose())) return malformed("purpose", "a code [a-z0-9][a-z0-9_.-]{0,63}");
  if (!v1::Priority_IsValid(envelope.priority())) return malformed("priority", "a priority of this version");
  if (envelope.sent_at_ms() <= 0 || base::from_ms(envelope.sent_at_ms()) > now + kClockSkewMax)
    return malformed("sent_at_ms", "an instant not in the future");
  if (base::from_ms(envelope.sent_at_ms()) < now - kEnvelopeAgeMax)
    return refuse(RefusalCode::envelope_too_old, "sent_at_ms");
  if (envelope.expires_at_ms() < 0 ||
      (envelope.expires_at_ms() != 0 && envelope.expires_at_ms() <= envelope.sent_at_ms()))
    return malformed("expires_at_ms", "0 or an instant after sent_at_ms");
  if (!is_code(envelope.signing_key())) return malformed("signing_key", "the id of a signing key");
  if (!envelope.trace_parent().empty() && !is_trace_parent(envelope.trace_parent()))
    return malformed("trace_parent", "a W3C traceparent of version 00");
  if (auto said = check_fallbacks(envelope); !said) return said;
  if (auto said = check_beside(envelope, kind); !said) return said;
  if (auto said = check_withheld(envelope); !said) return said;
  return check_body(envelope, now);
}

Status check_wraps(const v1::Compartment& compartment, const v1::CompartmentDigest& digest, const std::string& field) {
  if (compartment.wraps_size() != digest.recipients_size())
    return refuse(RefusalCode::compartment_malformed, field + ".wraps");
  for (const auto& recipient : digest.recipients()) {
    const auto wrap = std::find_if(compartment.wraps().begin(), compartment.wraps().end(),
                                   [&](const v1::Wrap& w) { return w.recipient() == recipient; });
    if (wrap == compartment.wraps().end() || wrap->nonce().size() != kNonceBytes ||
        wrap->sealed_key().size() != kSealedKeyBytes || !is_code(wrap->recipient_key()) || !is_code(wrap->sender_key()))
      return refuse(RefusalCode::compartment_malformed, field + ".wraps");
  }
  return base::Done{};
}

Status check_compartment(const v1::Envelope& envelope, int index, const std::string& bytes) {
  const auto& digest = envelope.compartments(index);
  const auto field = "compartments[" + std::to_string(index) + "]";
  if (digest.category() == v1::CATEGORY_UNSPECIFIED || !v1::Category_IsValid(digest.category()))
    return malformed(field + ".category", "a category of this version");
  if (digest.recipients().empty()) return malformed(field + ".recipients", "at least one of the recipients");
  for (const auto& recipient : digest.recipients())
    if (!is_reader(envelope, recipient)) return malformed(field + ".recipients", "recipients of the envelope");
  if (digest.digest() != base::view(base::hash(bytes))) return refuse(RefusalCode::compartment_digest_mismatch, field);
  v1::Compartment compartment;
  if (!compartment.ParseFromString(bytes) || compartment.category() != digest.category() ||
      compartment.nonce().size() != kNonceBytes || compartment.ciphertext().size() < kSealedTagBytes)
    return refuse(RefusalCode::compartment_malformed, field);
  return check_wraps(compartment, digest, field);
}

}  // namespace

bool is_code(std::string_view text) { return text.size() <= kCodeBytesMax && is_thematic(text); }

bool is_thematic(std::string_view text) {
  return !text.empty() && text.size() <= kThematicBytesMax && is_lower_or_digit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_institution_id(std::string_view text) {
  return text.size() >= 2 && text.size() <= 63 && is_lower_or_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

base::Result<Submission> check_submission(v1::Submit&& submit, base::Instant now, std::string& message_id) {
  Submission submission;
  if (!submission.envelope.ParseFromString(submit.envelope())) return malformed("envelope", "a serialised Envelope");
  const auto& envelope = submission.envelope;
  if (envelope.message_id().size() == kIdBytes) message_id = envelope.message_id();
  if (auto said = check_envelope(envelope, now); !said) return said.refusal();
  if (submit.signature().size() != base::kSignatureBytes) return refuse(RefusalCode::signature_invalid, "signature");
  if (submit.compartments_size() != envelope.compartments_size() || submit.compartments_size() > kCompartmentsMax)
    return malformed("compartments", "one compartment for each digest, at most 32");
  for (int i = 0; i < submit.compartments_size(); ++i) {
    if (auto said = check_compartment(envelope, i, submit.compartments(i)); !said) return said.refusal();
    submission.payload_bytes += submit.compartments(i).size();
  }
  submission.envelope_bytes = std::move(*submit.mutable_envelope());
  submission.signature = std::move(*submit.mutable_signature());
  submission.compartments.assign(std::make_move_iterator(submit.mutable_compartments()->begin()),
                                 std::make_move_iterator(submit.mutable_compartments()->end()));
  return submission;
}

}  // namespace relais::core
