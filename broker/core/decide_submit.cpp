// What an institution says: known before? covered by an agreement? about people followed together? needed, and for the
// other's mission? allowed now? In this order, and the first no is the answer.
#include "broker/core/decide_submit.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/core/acting.h"
#include "broker/core/decide_parts.h"
#include "broker/core/message_kinds.h"
#include "broker/core/parcours.h"
#include "broker/core/referral_moves.h"
#include "broker/core/referral_rules.h"
#include "broker/core/secrecy.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;
using base::Status;

// Whoever comes late to it still opens an announcement.
constexpr std::int64_t kAnnouncementKeptMs = 90LL * 86'400'000;

/// Who answers for a request.
const std::string& asker(const v1::Envelope& request) {
  return request.on_behalf_of().empty() ? request.sender() : request.on_behalf_of();
}

/// The second and the third criterion, and consent, for everything that `to` is to be told.
Status check_ground(const Case& c, const v1::Agreement& agreement, const std::string& to, const v1::CaseRow* parcours) {
  if (auto said = check_secrecy(c.directory, agreement, c.envelope, to); !said) return said;
  return check_consent(agreement, c.envelope.purpose(), parcours, c.context.now);
}

v1::Event opened(const Case& c, std::string_view referral_id, const std::string& sender, const std::string& principal,
                 const std::string& recipient, std::string_view based_on, const v1::Agreement& agreement) {
  v1::Event event;
  auto& referral = *event.mutable_referral_opened();
  referral.set_referral_id(std::string(referral_id));
  referral.set_case_id(c.envelope.case_id());
  referral.set_sender(sender);
  referral.set_principal(principal);
  referral.set_recipient(recipient);
  referral.set_purpose(c.envelope.purpose());
  referral.set_priority(c.envelope.priority());
  referral.set_agreement(agreement.id());
  referral.set_exercise(c.envelope.exercise());
  referral.set_based_on(std::string(based_on));
  const auto first = first_step(agreement, c.envelope.priority(), c.state, c.context);
  referral.set_step(first.step);
  referral.set_deadline_ms(first.deadline_ms);
  referral.set_decide_by_ms(first.decide_by_ms);
  return event;
}

/// Each fallback is named by the agreement with the one before it, or is the purpose's recipient by law; and the sender
/// may tell it what it seals for it. Consent is judged when its turn comes. Answers when the last of them must have
/// decided.
Result<std::int64_t> check_fallbacks(const Case& c, const v1::Agreement& first) {
  const auto* before = &first;
  Context later = c.context;
  later.now = base::from_ms(first_step(first, c.envelope.priority(), c.state, c.context).decide_by_ms);
  for (int i = 0; i < c.envelope.fallbacks_size(); ++i) {
    const auto& fallback = c.envelope.fallbacks(i);
    const auto field = "fallbacks[" + std::to_string(i) + "]";
    if (fallback != before->fallback() && fallback != c.directory.purpose(c.envelope.purpose())->default_recipient())
      return refuse(RefusalCode::fallback_not_agreed, field, {{"agreement", before->id()}, {"institution", fallback}});
    const auto agreement = agreement_for(c, asker(c.envelope), fallback);
    if (!agreement) {
      auto no = agreement.refusal();
      no.field = field;
      return no;
    }
    if (auto said = check_secrecy(c.directory, **agreement, c.envelope, fallback); !said) return said.refusal();
    before = *agreement;
    later.now = base::from_ms(first_step(*before, c.envelope.priority(), c.state, later).decide_by_ms);
  }
  return base::to_ms(later.now);
}

/// The request of a delegate is within its delegation.
Status check_delegated_request(const Case& c) {
  const auto& envelope = c.envelope;
  if (envelope.on_behalf_of().empty()) return base::Done{};
  const ActingFor acting{envelope.on_behalf_of(), envelope.sender(), v1::ACT_REFER, envelope.purpose(),
                         &envelope.referral_requested().commune()};
  return check_acting(c.directory, acting, c.context.now);
}

/// Whom the sender acts for, and the members named, which are the team's, may each be told what is sealed for it.
Status check_beside(const Case& c, const v1::Agreement& agreement) {
  if (const auto& principal = c.envelope.on_behalf_of(); !principal.empty())
    if (auto said = check_secrecy(c.directory, agreement, c.envelope, principal); !said) return said;
  const auto* team = c.directory.institution(c.envelope.recipients(0));
  for (int i = 0; i < c.envelope.team_members_size(); ++i) {
    const auto& member = c.envelope.team_members(i);
    if (!is_member(*team, member))
      return refuse(RefusalCode::team_not_a_member, "team_members[" + std::to_string(i) + "]",
                    {{"institution", member}, {"team", team->id()}});
    if (auto said = check_secrecy(c.directory, agreement, c.envelope, member); !said) return said;
  }
  return base::Done{};
}

Result<Decision> open_referral(const Case& c) {
  const auto& envelope = c.envelope;
  if (auto said = check_delegated_request(c); !said) return said.refusal();
  const auto agreement = agreement_for(c, asker(envelope), envelope.recipients(0));
  if (!agreement) return agreement.refusal();
  const auto parcours = c.state.find<v1::CaseRow>(TableId::cases, envelope.case_id());
  if (parcours && !takes_part(*parcours, envelope.sender()) && !takes_part(*parcours, asker(envelope)))
    return refuse(RefusalCode::secrecy_not_followed_together, "case_id", {{"institution", envelope.sender()}});
  const auto* known = parcours ? &*parcours : nullptr;
  if (auto said = check_ground(c, **agreement, envelope.recipients(0), known); !said) return said.refusal();
  if (auto said = check_beside(c, **agreement); !said) return said.refusal();
  const auto last_decides_by = check_fallbacks(c, **agreement);
  if (!last_decides_by) return last_decides_by.refusal();
  if (c.state.referral(envelope.referral_id()))
    return refuse(RefusalCode::referral_already_exists, "referral_id",
                  {{"referral", base::id_text(envelope.referral_id())}});
  if (const auto& based_on = envelope.referral_requested().based_on(); !based_on.empty()) {
    const auto before = c.state.referral(based_on);
    if (!before || before->case_id() != envelope.case_id())
      return refuse(RefusalCode::referral_unknown, "referral_requested.based_on",
                    {{"referral", base::id_text(based_on)}});
  }
  Decision decision;
  decision.events.push_back(accepted(c, *agreement, (*agreement)->id()));
  decision.events.push_back(opened(c, envelope.referral_id(), envelope.sender(), envelope.on_behalf_of(),
                                   envelope.recipients(0), envelope.referral_requested().based_on(), **agreement));
  if (!envelope.on_behalf_of().empty())
    decision.events[0].mutable_message_accepted()->add_copies(envelope.on_behalf_of());
  if (!envelope.fallbacks().empty() || !envelope.team_members().empty()) {
    auto& opened = *decision.events[1].mutable_referral_opened();
    *opened.mutable_fallbacks() = envelope.fallbacks();
    opened.set_request_id(envelope.message_id());
    // The contents outlast the last of those who may still get them, by a day.
    constexpr std::int64_t kDayMs = 86'400'000;
    auto& message = *decision.events[0].mutable_message_accepted();
    message.set_retention_ms(std::max(message.retention_ms(), *last_decides_by - base::to_ms(c.context.now) + kDayMs));
  }
  return decision;
}

/// Who acts for another says so truly; and books, or shares more, only while the delegation lets it. What is open may
/// be brought to its end without.
Status check_delegate(const Case& c, const v1::ReferralRow& referral, const MessageKind& kind) {
  const auto& named = c.envelope.on_behalf_of();
  const bool delegate = !referral.principal().empty() && c.envelope.sender() == referral.sender();
  if (!named.empty() && (!delegate || named != referral.principal()))
    return refuse(RefusalCode::delegation_none, "on_behalf_of",
                  {{"principal", named}, {"institution", c.envelope.sender()}});
  const bool books = kind.subject == Subject::appointment;
  if (!delegate || (!books && c.envelope.compartments().empty())) return base::Done{};
  const ActingFor acting{referral.principal(), referral.sender(), books ? v1::ACT_BOOK : v1::ACT_REFER,
                         referral.purpose(), nullptr};
  return check_acting(c.directory, acting, c.context.now);
}

/// The referral that the message is about, with everything that must agree between the two.
Result<v1::ReferralRow> referral_of(const Case& c, const MessageKind& kind) {
  const auto& envelope = c.envelope;
  auto row = c.state.referral(envelope.referral_id());
  const std::string id = base::id_text(envelope.referral_id());
  if (!row) return refuse(RefusalCode::referral_unknown, "referral_id", {{"referral", id}});
  const bool from_sender = asks(*row, envelope.sender());
  const bool from_recipient = answers(*row, envelope.sender());
  if (!from_sender && !from_recipient)
    return refuse(RefusalCode::secrecy_not_followed_together, "sender", {{"institution", envelope.sender()}});
  for (int i = 0; i < envelope.recipients_size(); ++i) {
    const auto& recipient = envelope.recipients(i);
    const bool new_leg =
        envelope.body_case() == Body::kReferralForwarded && recipient == envelope.referral_forwarded().to();
    const bool other_side = from_sender ? answers(*row, recipient) : asks(*row, recipient);
    if (!other_side && !new_leg)
      return refuse(RefusalCode::secrecy_not_followed_together, "recipients[" + std::to_string(i) + "]",
                    {{"institution", recipient}});
  }
  if (row->case_id() != envelope.case_id())
    return refuse(RefusalCode::envelope_malformed, "case_id", {{"expected", "the case of the referral"}});
  if (row->purpose() != envelope.purpose())
    return refuse(RefusalCode::envelope_malformed, "purpose", {{"expected", "the purpose of the referral"}});
  if (row->exercise() != envelope.exercise())
    return refuse(RefusalCode::envelope_malformed, "exercise", {{"expected", "what the referral says"}});
  if ((kind.speaker == Speaker::sender && !from_sender) || (kind.speaker == Speaker::recipient && !from_recipient))
    return refuse(RefusalCode::lifecycle_not_your_role, std::string(kind.name),
                  {{"role", kind.speaker == Speaker::sender ? "sender" : "recipient"}});
  if (auto said = check_delegate(c, *row, kind); !said) return said.refusal();
  return std::move(*row);
}

/// An agreement that ended stops new referrals and new contents; what is open may still be brought to its end.
Result<const v1::Agreement*> agreement_of(const Case& c, const v1::ReferralRow& referral) {
  const auto* agreement = c.directory.agreement(referral.agreement());
  if (c.envelope.compartments().empty()) return agreement;
  if (agreement == nullptr)
    return refuse(RefusalCode::agreement_none, "compartments",
                  {{"from", c.envelope.sender()}, {"to", c.envelope.recipients(0)}, {"purpose", referral.purpose()}});
  if (!Directory::valid_at(*agreement, c.context.now))
    return refuse(RefusalCode::agreement_expired, "compartments", {{"agreement", agreement->id()}});
  const auto parcours = c.state.find<v1::CaseRow>(TableId::cases, referral.case_id());
  for (const auto& other : c.envelope.recipients())
    if (auto said = check_ground(c, *agreement, other, parcours ? &*parcours : nullptr); !said) return said.refusal();
  if (auto said = check_beside(c, *agreement); !said) return said.refusal();
  return agreement;
}

/// What is shared with one more needs the person's consent as it is now, and a convention in force.
Status check_still_shared(const Case& c, const v1::ReferralRow& referral) {
  const auto* agreement = c.directory.agreement(referral.agreement());
  if (agreement == nullptr || !Directory::valid_at(*agreement, c.context.now))
    return refuse(RefusalCode::agreement_expired, "referral_accepted.member", {{"agreement", referral.agreement()}});
  const auto parcours = c.state.find<v1::CaseRow>(TableId::cases, referral.case_id());
  return check_consent(*agreement, referral.purpose(), parcours ? &*parcours : nullptr, c.context.now);
}

/// The team names the member that must act: it joins the case and gets the request.
Status assign(const Case& c, const v1::ReferralRow& referral, const std::string& member, v1::ReferralMoved& moved) {
  const auto* team = c.directory.institution(referral.recipient());
  if (team == nullptr || !is_member(*team, member))
    return refuse(RefusalCode::team_not_a_member, "referral_accepted.member",
                  {{"institution", member}, {"team", referral.recipient()}});
  if (asks(referral, member))
    return refuse(RefusalCode::envelope_malformed, "referral_accepted.member",
                  {{"expected", "another member than the one that asks"}});
  moved.set_member(member);
  moved.set_holder(member);
  if (referral.request_id().empty()) return base::Done{};
  if (auto said = check_still_shared(c, referral); !said) return said;
  const auto request = c.state.message(referral.request_id());
  base::check(request.has_value(), "a referral to a team knows its request");
  if (request->contents_erased()) return refuse(RefusalCode::contents_erased, "referral_accepted.member");
  *moved.mutable_delivery() = request_to(member, referral, *request);
  return base::Done{};
}

Result<Decision> move_referral(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement) {
  const auto next = next_status(referral.status(), c.envelope.body_case());
  if (referral.closed() || !next) return not_now(referral);
  const auto named = c.envelope.has_referral_held() ? c.envelope.referral_held().until_ms() : 0;
  Decision decision;
  decision.events.push_back(accepted(c, agreement, referral.agreement(), &referral));
  auto moved = move_to(*next, c.envelope.referral_id(), referral, named, c.state, c.context);
  if (const auto& member = c.envelope.referral_accepted().member(); !member.empty()) {
    if (auto said = assign(c, referral, member, *moved.mutable_referral_moved()); !said) return said.refusal();
  }
  if (c.envelope.has_referral_completed())
    moved.mutable_referral_moved()->set_outcome(c.envelope.referral_completed().outcome());
  decision.events.push_back(std::move(moved));
  if (is_terminal(*next))
    tell_cancelled(cancel_open_appointments(referral, c.state, decision.events), c.envelope.referral_id(), referral, 1,
                   c.context, decision.events);
  return decision;
}

Result<Decision> forward_referral(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement) {
  const auto& forwarded = c.envelope.referral_forwarded();
  if (agreement == nullptr || !agreement->forwarding())
    return refuse(RefusalCode::agreement_forwarding_not_allowed, "referral_forwarded.to",
                  {{"agreement", referral.agreement()}, {"to", forwarded.to()}});
  if (asks(referral, forwarded.to()) || answers(referral, forwarded.to()))
    return refuse(RefusalCode::envelope_malformed, "referral_forwarded.to", {{"expected", "a third institution"}});
  const auto onward = agreement_for(c, c.envelope.sender(), forwarded.to());
  if (!onward) return onward.refusal();
  const auto parcours = c.state.find<v1::CaseRow>(TableId::cases, referral.case_id());
  if (auto said = check_ground(c, **onward, forwarded.to(), parcours ? &*parcours : nullptr); !said)
    return said.refusal();
  for (const auto& told : c.envelope.recipients())
    if (told != forwarded.to())
      if (auto said = check_secrecy(c.directory, *agreement, c.envelope, told); !said) return said.refusal();
  if (c.state.referral(forwarded.new_referral_id()) || forwarded.new_referral_id() == c.envelope.referral_id())
    return refuse(RefusalCode::referral_already_exists, "referral_forwarded.new_referral_id",
                  {{"referral", base::id_text(forwarded.new_referral_id())}});
  auto decision = move_referral(c, referral, agreement);
  if (!decision) return decision;
  decision->events.push_back(opened(c, forwarded.new_referral_id(), referral.sender(), referral.principal(),
                                    forwarded.to(), c.envelope.referral_id(), **onward));
  return decision;
}

Result<Decision> acknowledge_outcome(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement) {
  if (referral.closed() || !is_terminal(referral.status())) return not_now(referral);
  Decision decision;
  decision.events.push_back(accepted(c, agreement, referral.agreement(), &referral));
  decision.events.emplace_back().mutable_referral_closed()->set_referral_id(c.envelope.referral_id());
  return decision;
}

Result<Decision> exchange_information(const Case& c, const v1::ReferralRow& referral, const v1::Agreement* agreement) {
  if (referral.closed()) return not_now(referral);
  Decision decision;
  decision.events.push_back(accepted(c, agreement, referral.agreement(), &referral));
  return decision;
}

/// To partners of the network, under no agreement: about no person.
Decision announce(const Case& c) {
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  decision.events[0].mutable_message_accepted()->set_retention_ms(kAnnouncementKeptMs);
  return decision;
}

}  // namespace

v1::Event accepted(const Case& c, const v1::Agreement* agreement, std::string_view agreement_id,
                   const v1::ReferralRow* referral) {
  v1::Event event;
  auto& message = *event.mutable_message_accepted();
  message.set_envelope(c.submission.envelope_bytes);
  message.set_signature(c.submission.signature);
  message.set_payload_bytes(c.submission.payload_bytes);
  message.set_agreement(std::string(agreement_id));
  if (agreement != nullptr) message.set_retention_ms(agreement->retention_ms());
  if (referral == nullptr || (referral->principal().empty() && referral->member().empty())) return event;
  const auto& named = c.envelope.recipients();
  for (auto& institution : all_sides(*referral))
    if (institution != c.envelope.sender() && std::find(named.begin(), named.end(), institution) == named.end())
      message.add_copies(std::move(institution));
  return event;
}

base::Refusal not_now(const v1::ReferralRow& referral) {
  auto no = refuse(RefusalCode::lifecycle_invalid_transition, "referral_id");
  no.present = referral.closed() ? "closed" : std::string(status_name(referral.status()));
  no.allowed = allowed_messages(referral.status(), referral.closed());
  return no;
}

Result<const v1::Agreement*> agreement_for(const Case& c, const std::string& from, const std::string& to) {
  return c.directory.agreement_for(from, to, c.envelope.purpose(), c.context.now);
}

Result<const v1::Agreement*> agreement_between(const Case& c, const std::string& one, const std::string& other) {
  return c.directory.agreement_between(one, other, c.envelope.purpose(), c.context.now);
}

Result<Decision> decide_submit(const State& state, const Submission& submission, const Context& context) {
  const auto& envelope = submission.envelope;
  if (const auto seen = state.message(envelope.message_id())) {
    if (seen->envelope_hash() != base::view(base::hash(submission.envelope_bytes)))
      return refuse(RefusalCode::envelope_message_id_reused, "message_id");
    return Decision{{}, seen};
  }
  if (state.directory() == nullptr) return refuse(RefusalCode::network_none);
  const Case c{state, *state.directory(), submission, envelope, context};
  if (auto said = check_named(c); !said) return said.refusal();
  const auto& kind = kind_of(envelope.body_case());
  if (kind.subject == Subject::parcours) return decide_case(c);
  if (envelope.has_referral_requested()) return open_referral(c);
  if (kind.subject == Subject::slots) return change_slots(c);
  if (kind.subject == Subject::announcement) return announce(c);
  const auto referral = referral_of(c, kind);
  if (!referral) return referral.refusal();
  // A forward is judged under the agreement with the third institution as well.
  const auto agreement = envelope.has_referral_forwarded()
                             ? Result<const v1::Agreement*>(c.directory.agreement(referral->agreement()))
                             : agreement_of(c, *referral);
  if (!agreement) return agreement.refusal();
  switch (kind.subject) {
    case Subject::information:
      return exchange_information(c, *referral, *agreement);
    case Subject::appointment:
      return move_appointment(c, *referral, *agreement);
    case Subject::referral:
      if (envelope.has_outcome_acknowledged()) return acknowledge_outcome(c, *referral, *agreement);
      if (envelope.has_referral_forwarded()) return forward_referral(c, *referral, *agreement);
      return move_referral(c, *referral, *agreement);
    case Subject::parcours:
    case Subject::slots:
    case Subject::announcement:
    case Subject::notice:
      break;
  }
  return refuse(RefusalCode::lifecycle_not_your_role, std::string(kind.name), {{"role", "broker"}});
}

}  // namespace relais::core
