#include "tests/crash/letters.h"

#include <chrono>

#include "broker/base/check.h"
#include "broker/base/ids.h"
#include "tests/crash/script.h"

namespace relais::crash {

namespace {

using namespace std::chrono_literals;

std::int64_t in(std::chrono::hours time) { return base::to_ms(base::SystemClock().now() + time); }

v1::Meeting meeting_in(std::chrono::hours time) {
  v1::Meeting meeting;
  meeting.set_start_ms(in(time));
  meeting.set_end_ms(in(time + 1h));
  meeting.set_mode(v1::APPOINTMENT_MODE_ON_SITE);
  return meeting;
}

bool carries_note(Body body) { return body == kInformationRequested || body == kInformationProvided; }
bool carries_identity(Body body) { return body == kReferralRequested || body == kReferralForwarded; }

void set_body(v1::Envelope& envelope, const Entry& entry) {
  switch (entry.body) {
    case kReferralRequested:
      envelope.mutable_referral_requested()->set_service_need("logement-hebergement");
      envelope.set_purpose("access_to_rights");
      // Urgent ones overtake those of other cases, never those of their own.
      envelope.set_priority(entry.referral_id.back() % 4 == 0 ? v1::PRIORITY_URGENT : v1::PRIORITY_ROUTINE);
      envelope.add_recipients(entry.others);
      return;
    case kReferralAccepted:
      envelope.mutable_referral_accepted();
      return;
    case kReferralStarted:
      envelope.mutable_referral_started();
      return;
    case kReferralRejected:
      envelope.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY);
      return;
    case kReferralCancelled:
      envelope.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_NO_LONGER_NEEDED);
      return;
    case kReferralForwarded: {
      auto* forwarded = envelope.mutable_referral_forwarded();
      forwarded->set_to(entry.others.substr(entry.others.find(',') + 1));
      forwarded->set_new_referral_id(leg_of(entry.referral_id));
      return;
    }
    case kReferralHeld: {
      auto* held = envelope.mutable_referral_held();
      held->set_reason(v1::HOLD_REASON_AWAITING_DOCUMENTS);
      held->set_until_ms(in(240h));
      return;
    }
    case kReferralCompleted:
      envelope.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED);
      return;
    case kInformationRequested:
      envelope.mutable_information_requested();
      return;
    case kInformationProvided:
      envelope.mutable_information_provided();
      return;
    case kAppointmentProposed:
      *envelope.mutable_appointment_proposed()->mutable_meeting() = meeting_in(168h);
      return;
    case kAppointmentBooked:
      *envelope.mutable_appointment_booked()->mutable_meeting() = meeting_in(168h);
      return;
    case kAppointmentRescheduled:
      *envelope.mutable_appointment_rescheduled()->mutable_meeting() = meeting_in(192h);
      return;
    case kAppointmentArrived:
      envelope.mutable_appointment_arrived();
      return;
    case kAppointmentFulfilled:
      envelope.mutable_appointment_fulfilled();
      return;
    case kAppointmentNoShow:
      envelope.mutable_appointment_no_show();
      return;
    default:
      base::check(false, "the script has a body for every step");
  }
}

}  // namespace

sdk::Draft draft_of(const Entry& entry) {
  sdk::Draft draft;
  auto& envelope = draft.envelope;
  envelope.set_message_id(entry.message_id);
  envelope.set_case_id(entry.case_id);
  envelope.set_referral_id(entry.referral_id);
  set_body(envelope, entry);
  if (body_name(entry.body).starts_with("appointment_")) envelope.set_appointment_id(appointment_of(entry.referral_id));
  if (carries_identity(entry.body)) {
    v1::Identity identity;
    identity.set_family_name("Exemple");
    identity.set_given_names(base::hex(entry.message_id));
    std::vector<std::string> recipients;
    if (envelope.has_referral_forwarded()) recipients = {envelope.referral_forwarded().to()};
    sdk::add_content(draft, identity, recipients);
  }
  if (carries_note(entry.body)) {
    v1::Note note;
    note.set_text(base::hex(entry.message_id));
    sdk::add_content(draft, note);
  }
  return draft;
}

Entry effect_of(const sdk::Incoming& message) {
  const auto& envelope = message.envelope;
  Entry entry;
  entry.event = Event::handled;
  entry.message_id = envelope.message_id();
  entry.case_id = envelope.case_id();
  entry.referral_id = envelope.referral_id();
  entry.body = envelope.body_case();
  entry.others = envelope.sender();
  // To the one it was forwarded to, this is the request of the new leg, by the sender of the first.
  if (envelope.has_referral_forwarded() && envelope.referral_forwarded().to() == message.recipient) {
    entry.referral_id = envelope.referral_forwarded().new_referral_id();
    const bool first = envelope.recipients(0) != message.recipient;
    entry.others = envelope.recipients(first ? 0 : 1);
  }
  entry.number = message.position;
  return entry;
}

bool is_genuine(const sdk::Incoming& message) {
  const auto body = message.envelope.body_case();
  const auto text = base::hex(message.envelope.message_id());
  if (carries_note(body)) {
    const auto* note = message.content<v1::Note>();
    return note != nullptr && note->text() == text;
  }
  const bool withheld =
      message.envelope.has_referral_forwarded() && message.envelope.referral_forwarded().to() != message.recipient;
  if (!carries_identity(body) || withheld) return message.contents.empty();
  const auto* identity = message.content<v1::Identity>();
  return identity != nullptr && identity->given_names() == text;
}

}  // namespace relais::crash
