// The part of Outgo that runs while the broker waits for a verdict.
#include "adapters/files/incoming_links.h"
#include "adapters/files/notices.h"
#include "adapters/files/outgo.h"
#include "adapters/files/packing.h"
#include "adapters/files/spool.h"
#include "adapters/sdk/automatic.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/trace_id.h"

namespace relais::files {

namespace {

using Body = v1::Envelope::BodyCase;
using sdk::Verdict;

constexpr std::chrono::seconds kRetryAfter{30};

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

Reason Outgo::reason_for(const sdk::Incoming& message, const RuleBroken& rule) const {
  const auto local = local_references(post_.store(), message);
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
  auto notes = bookkeeping(post_.store(), message);
  const auto* const writer = writer_for(config_, envelope.body_case());
  if (writer == nullptr) return without_writer(message, std::move(notes));
  if (const auto fault = look_at_folders(config_.folders, config_.institution); !fault.why.empty())
    return not_now(fault.why);

  auto spooled = outgoing(message);
  spooled.local = local_references(post_.store(), message);
  if (const auto trial = writer->mapping.write(spooled); !trial.failed.empty()) {
    const auto& fault = trial.failed.front().faults.front();
    auto reason = reason_for(message, {fault.rule, fault.french, fault.english});
    reason.field = fault.field;
    base::log_warning("message has no valid record", {{"institution", config_.institution},
                                                      {"message", base::id_text(envelope.message_id())},
                                                      {"trace", base::trace_id(envelope.trace_parent())},
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
