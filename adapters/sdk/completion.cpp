#include "adapters/sdk/completion.h"

#include <algorithm>
#include <utility>

#include "adapters/sdk/audience.h"
#include "adapters/sdk/route_choice.h"
#include "adapters/sdk/trace_parent.h"
#include "broker/core/message_kinds.h"

namespace relais::sdk {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Status;

constexpr std::uint32_t kEnvelopeVersion = 1;

base::Refusal malformed(std::string field, std::string why) {
  return refuse(RefusalCode::envelope_malformed, field, {{"field", field}, {"why", std::move(why)}});
}

Status check_id(std::string_view id, std::string_view field) {
  if (id.size() == base::MessageId::kBytes && id.find_first_not_of('\0') != std::string_view::npos) return base::Done{};
  return malformed(std::string(field), id.empty() ? "is missing" : "is not 16 bytes");
}

/// About no case: slots, announcements.
bool stands_alone(const v1::Envelope& envelope) {
  const auto subject = core::kind_of(envelope.body_case()).subject;
  return subject == core::Subject::slots || subject == core::Subject::announcement;
}

/// The side of the referral that this adapter speaks for; empty when it is neither, or both.
std::string our_side(const KnownReferral& referral, const Keyring& keyring) {
  const bool sender = keyring.serves(referral.sender);
  const bool principal = !referral.principal.empty() && keyring.serves(referral.principal);
  const bool recipient = keyring.serves(referral.recipient);
  if ((sender || principal) == recipient) return {};
  return sender ? referral.sender : principal ? referral.principal : referral.recipient;
}

void fill_from(const KnownReferral& referral, const Keyring& keyring, v1::Envelope& envelope) {
  if (envelope.sender().empty()) envelope.set_sender(our_side(referral, keyring));
  if (envelope.case_id().empty()) envelope.set_case_id(referral.case_id);
  if (envelope.purpose().empty()) envelope.set_purpose(referral.purpose);
  if (envelope.priority() == v1::PRIORITY_UNSPECIFIED) envelope.set_priority(referral.priority);
  if (referral.exercise) envelope.set_exercise(true);
  if (!envelope.recipients().empty()) return;
  if (envelope.has_referral_forwarded()) {
    envelope.add_recipients(referral.sender);
    envelope.add_recipients(envelope.referral_forwarded().to());
  } else if (envelope.sender() == referral.sender || envelope.sender() == referral.principal) {
    if (!referral.recipient.empty()) envelope.add_recipients(referral.recipient);
  } else {
    envelope.add_recipients(referral.sender);
    if (!referral.principal.empty()) envelope.add_recipients(referral.principal);
  }
}

bool is_about_case(const v1::Envelope& envelope) {
  return core::kind_of(envelope.body_case()).subject == core::Subject::parcours;
}

/// Which message, and about which case and referral; slots are about none, a note among participants about no referral.
Status check_ids(const v1::Envelope& envelope) {
  if (auto said = check_id(envelope.message_id(), "message_id"); !said || stands_alone(envelope)) return said;
  if (!is_about_case(envelope))
    if (auto said = check_id(envelope.referral_id(), "referral_id"); !said) return said;
  return check_id(envelope.case_id(), "case_id");
}

Status check_parties(const v1::Envelope& envelope, const Keyring& keyring, const Network& network, bool may_wait) {
  if (!keyring.serves(envelope.sender()))
    return refuse(RefusalCode::identity_not_served, "sender", {{"institution", envelope.sender()}});
  if (envelope.recipients().empty() && !may_wait && !may_name_nobody(envelope))
    return malformed("recipients", "is missing");
  for (int i = 0; i < envelope.recipients_size(); ++i)
    if (network.institution(envelope.recipients(i)) == nullptr)
      return refuse(RefusalCode::route_none, "recipients[" + std::to_string(i) + "]",
                    {{"recipient", envelope.recipients(i)}});
  return base::Done{};
}

}  // namespace

bool may_name_nobody(const v1::Envelope& envelope) {
  return core::kind_of(envelope.body_case()).subject == core::Subject::slots || envelope.has_consent_granted() ||
         envelope.has_consent_withdrawn() || envelope.has_rights_requested();
}

base::Result<v1::Envelope> complete(const Draft& draft, const Keyring& keyring, const ReferralMemory& referrals,
                                    const Network& network, base::Instant now) {
  v1::Envelope envelope = draft.envelope;
  if (envelope.body_case() == v1::Envelope::BODY_NOT_SET) return malformed("body", "is missing");
  envelope.set_version(kEnvelopeVersion);
  envelope.set_sent_at_ms(base::to_ms(now));
  envelope.clear_compartments();
  bool may_wait = wants_route(envelope);
  if (envelope.message_id().empty()) envelope.set_message_id(new_id());
  if (envelope.has_referral_requested()) {
    if (envelope.referral_id().empty()) envelope.set_referral_id(new_id());
    if (envelope.case_id().empty()) envelope.set_case_id(new_id());
  } else if (is_about_case(envelope)) {
    envelope.clear_referral_id();
  } else if (const auto known = referrals.find(envelope.referral_id())) {
    fill_from(*known, keyring, envelope);
    may_wait = known->recipient.empty();
  }
  if (envelope.sender().empty()) envelope.set_sender(keyring.only_institution());
  if (envelope.has_announcement_made() && envelope.recipients().empty()) name_audience(envelope, network, now);
  if (auto said = check_ids(envelope); !said) return said.refusal();
  if (envelope.trace_parent().empty()) envelope.set_trace_parent(trace_parent_for(envelope));
  if (envelope.purpose().empty()) return malformed("purpose", "is missing");
  if (auto said = check_parties(envelope, keyring, network, may_wait); !said) return said.refusal();
  return envelope;
}

}  // namespace relais::sdk
