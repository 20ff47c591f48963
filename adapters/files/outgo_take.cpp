// The part of Outgo that runs while the broker waits for a verdict.
#include "adapters/files/appointment_book.h"
#include "adapters/files/notices.h"
#include "adapters/files/outgo.h"
#include "adapters/files/packing.h"
#include "adapters/files/spool.h"
#include "adapters/sdk/automatic.h"
#include "adapters/sdk/links.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::files {

namespace {

using Body = v1::Envelope::BodyCase;
using sdk::LinkKind;
using sdk::Verdict;

constexpr std::chrono::seconds kRetryAfter{30};

/// Of the field in the oneof: "referral_accepted".
std::string kind_of(const v1::Envelope& envelope) {
  const auto* const field = v1::Envelope::descriptor()->FindFieldByNumber(static_cast<int>(envelope.body_case()));
  return field == nullptr ? std::string("unknown") : std::string(field->name());
}

/// The referral that the institution is to deal with.
const std::string& referral_of(const v1::Envelope& envelope, std::string_view institution) {
  const bool to_us = envelope.has_referral_forwarded() && envelope.referral_forwarded().to() == institution;
  return to_us ? envelope.referral_forwarded().new_referral_id() : envelope.referral_id();
}

/// Kinds that change nothing a person must know when the software has no place for them.
bool may_be_silent(Body body) {
  return body == Body::kReferralReceived || body == Body::kReferralStarted || body == Body::kAppointmentArrived ||
         body == Body::kOutcomeAcknowledged;
}

/// Kinds that bring contents somebody must read: without a record for them they have not arrived.
bool brings_contents(const sdk::Incoming& message) {
  const auto body = message.envelope.body_case();
  return body == Body::kReferralRequested || body == Body::kInformationRequested ||
         body == Body::kInformationProvided || body == Body::kNoteShared ||
         (body == Body::kReferralForwarded && message.envelope.referral_forwarded().to() == message.recipient);
}

RuleBroken no_record(const v1::Envelope& envelope) {
  if (!envelope.has_delivery_failed()) return broken("message.no_record", kind_of(envelope));
  const auto& failed = envelope.delivery_failed();
  auto rule = broken("delivery.failed", failed.recipient());
  if (const auto code = base::refusal_code(failed.reason())) {
    const auto why_not = base::refuse(*code);
    rule.french += " " + why_not.french();
    rule.english += " " + why_not.english();
  }
  return rule;
}

Verdict not_now(const std::string& reason) {
  return Verdict::retry(kRetryAfter, reason == kNoSpace ? std::string("disk.full") : "folder." + reason);
}

}  // namespace

mapping::LocalReferences Outgo::references(const sdk::Incoming& message) const {
  const sdk::Links links(post_.store());
  const auto& envelope = message.envelope;
  mapping::LocalReferences local;
  const auto& referral = referral_of(envelope, message.recipient);
  local.referral = base::id_text(referral);
  local.reference = links.reference(config_.institution, LinkKind::referral, referral).value_or("");
  if (!envelope.appointment_id().empty())
    local.appointment =
        links.reference(config_.institution, LinkKind::appointment, envelope.appointment_id()).value_or("");
  return local;
}

sdk::Notes Outgo::bookkeeping(const sdk::Incoming& message) const {
  sdk::Notes notes;
  const auto& envelope = message.envelope;
  if (is_appointment(envelope.body_case())) {
    auto book = AppointmentBook::read(post_.store(), config_.institution, envelope.referral_id());
    book.passed(envelope.body_case(), envelope.appointment_id());
    notes.push_back(book.note());
  }
  // Our referral goes on elsewhere: what is said of the new leg is said of the same number of our software.
  if (envelope.has_referral_forwarded() && envelope.referral_forwarded().to() != message.recipient) {
    const sdk::Links links(post_.store());
    if (const auto number = links.reference(config_.institution, LinkKind::referral, envelope.referral_id()))
      for (auto& note : links.link(config_.institution, LinkKind::referral, *number,
                                   envelope.referral_forwarded().new_referral_id()))
        notes.push_back(std::move(note));
  }
  return notes;
}

Reason Outgo::reason_for(const sdk::Incoming& message, const RuleBroken& rule) const {
  const auto local = references(message);
  auto reason = files::reason_of(rule, {});
  reason.reference = local.reference;
  reason.referral = local.referral;
  return reason;
}

sdk::Verdict Outgo::without_writer(const sdk::Incoming& message, sdk::Notes notes) {
  const auto& envelope = message.envelope;
  if (may_be_silent(envelope.body_case())) return Verdict::handled(std::move(notes));
  const auto note = notice_note(config_.institution, envelope.message_id(), reason_for(message, no_record(envelope)));
  if (!brings_contents(message)) {
    notes.push_back(note);
    return Verdict::handled(std::move(notes));
  }
  if (!post_.store().write({note})) return not_now("store");
  return Verdict::reject("mapping.no_record");
}

sdk::Verdict Outgo::take(const sdk::Incoming& message, base::Instant now) {
  const auto& envelope = message.envelope;
  auto notes = bookkeeping(message);
  const auto* const writer = writer_for(config_, envelope.body_case());
  if (writer == nullptr) return without_writer(message, std::move(notes));
  if (const auto fault = look_at_folders(config_.folders, config_.institution); !fault.why.empty())
    return not_now(fault.why);

  auto spooled = outgoing(message);
  spooled.local = references(message);
  if (const auto trial = writer->mapping.write(spooled); !trial.failed.empty()) {
    const auto& fault = trial.failed.front().faults.front();
    auto reason = reason_for(message, {fault.rule, fault.french, fault.english});
    reason.field = fault.field;
    base::log_warning("message has no valid record", {{"institution", config_.institution},
                                                      {"message", base::id_text(envelope.message_id())},
                                                      {"rule", fault.rule}});
    if (!post_.store().write({notice_note(config_.institution, envelope.message_id(), reason)}))
      return not_now("store");
    return Verdict::reject("mapping." + fault.rule);
  }
  const auto name = spool_name(envelope.message_id(), run_);
  if (const auto put = put_into_spool(config_.folders, name, spooled); !put) return not_now(why(put.refusal()));
  std::string reply;
  if (config_.received == ReceivedWhen::taken) {
    const auto known = post_.known_referral(envelope.referral_id());
    const auto side = !known                               ? sdk::Side::unknown
                      : known->sender == message.recipient ? sdk::Side::sender
                                                           : sdk::Side::other;
    if (const auto draft = sdk::automatic_reply(message, side)) reply = draft->envelope.SerializeAsString();
  }
  const auto key = ready_prefix_ + ordered(message.position) + "-" + base::hex(envelope.message_id());
  notes.push_back({key, pack({name, std::to_string(base::to_ms(now)), reply,
                              std::to_string(static_cast<int>(envelope.body_case()))})});
  return Verdict::handled(std::move(notes));
}

}  // namespace relais::files
