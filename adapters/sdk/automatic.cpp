#include "adapters/sdk/automatic.h"

#include <algorithm>

namespace relais::sdk {

namespace {

/// What the answer repeats of its cause.
Draft answer_to(const v1::Envelope& cause) {
  Draft draft;
  auto& envelope = draft.envelope;
  envelope.set_case_id(cause.case_id());
  envelope.set_referral_id(cause.referral_id());
  envelope.set_purpose(cause.purpose());
  envelope.set_priority(cause.priority());
  envelope.set_exercise(cause.exercise());
  envelope.set_trace_parent(cause.trace_parent());
  return draft;
}

Draft acknowledge(const v1::Envelope& cause, const std::string& from, const std::string& to) {
  Draft draft = answer_to(cause);
  draft.envelope.set_sender(from);
  draft.envelope.add_recipients(to);
  draft.envelope.mutable_outcome_acknowledged();
  return draft;
}

Draft receive(const v1::Envelope& cause, const std::string& from, const std::string& to) {
  Draft draft = answer_to(cause);
  draft.envelope.set_sender(from);
  draft.envelope.add_recipients(to);
  draft.envelope.mutable_referral_received();
  return draft;
}

bool is_among(std::string_view one, const google::protobuf::RepeatedPtrField<std::string>& institutions) {
  return std::find(institutions.begin(), institutions.end(), one) != institutions.end();
}

/// The other recipient of a message with two.
const std::string* other_recipient(const v1::Envelope& envelope, std::string_view one) {
  const auto other = std::find_if(envelope.recipients().begin(), envelope.recipients().end(),
                                  [&](const std::string& recipient) { return recipient != one; });
  return other == envelope.recipients().end() ? nullptr : &*other;
}

std::optional<Draft> after_forward(const Incoming& message) {
  const auto& envelope = message.envelope;
  const auto& forwarded = envelope.referral_forwarded();
  if (forwarded.to() != message.recipient) return acknowledge(envelope, message.recipient, envelope.sender());
  const auto* sender = other_recipient(envelope, forwarded.to());
  if (sender == nullptr) return std::nullopt;
  Draft draft = receive(envelope, message.recipient, *sender);
  draft.envelope.set_referral_id(forwarded.new_referral_id());
  return draft;
}

}  // namespace

bool needs_side(const v1::Envelope& envelope) {
  const bool ended = envelope.has_referral_rejected() || envelope.has_referral_completed();
  return envelope.has_referral_expired() || (ended && envelope.recipients_size() > 1);
}

std::optional<Draft> automatic_reply(const Incoming& message, Side side) {
  const auto& envelope = message.envelope;
  if (message.copy) return std::nullopt;
  switch (envelope.body_case()) {
    case v1::Envelope::kReferralRequested:
      // A team's member gets it when the team has taken it in charge.
      if (is_among(message.recipient, envelope.team_members())) return std::nullopt;
      return receive(envelope, message.recipient, envelope.sender());
    case v1::Envelope::kReferralForwarded:
      return after_forward(message);
    case v1::Envelope::kReferralRejected:
    case v1::Envelope::kReferralCompleted:
      // The institution that the sender acts for is told as well; one of the two acknowledges.
      if (side == Side::other) return std::nullopt;
      return acknowledge(envelope, message.recipient, envelope.sender());
    case v1::Envelope::kReferralExpired: {
      const auto* other = other_recipient(envelope, message.recipient);
      if (side != Side::sender || other == nullptr) return std::nullopt;
      return acknowledge(envelope, message.recipient, *other);
    }
    default:
      return std::nullopt;
  }
}

std::optional<Draft> automatic_after_receipt(const v1::Envelope& submitted) {
  if (!submitted.has_referral_cancelled() || submitted.recipients().empty()) return std::nullopt;
  return acknowledge(submitted, submitted.sender(), submitted.recipients(0));
}

}  // namespace relais::sdk
