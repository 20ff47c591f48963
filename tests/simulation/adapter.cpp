#include "tests/simulation/adapter.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/core/message_kinds.h"
#include "tests/simulation/field.h"

namespace relais::simulation {

namespace {
constexpr std::uint32_t kCreditMost = 8;

/// Of a forward the new recipient, who comes last; of a request also those who may get it later or beside.
std::vector<std::string> readers(const v1::Envelope& envelope) {
  if (envelope.has_announcement_made()) return {envelope.recipients().begin(), envelope.recipients().end()};
  std::vector<std::string> all{envelope.recipients(envelope.recipients_size() - 1)};
  if (!envelope.has_referral_requested()) return all;
  all.insert(all.end(), envelope.fallbacks().begin(), envelope.fallbacks().end());
  all.insert(all.end(), envelope.team_members().begin(), envelope.team_members().end());
  if (!envelope.on_behalf_of().empty()) all.push_back(envelope.on_behalf_of());
  return all;
}

/// Two act at once, or on what they do not know yet.
bool is_part_of_life(const v1::Refused& refused) {
  static const std::set<std::string> kCodes = {"lifecycle.invalid_transition",
                                               "secrecy.category_not_needed",
                                               "referral.unknown",
                                               "appointment.unknown",
                                               "contents.erased",
                                               "delivery.unknown",
                                               "agreement.forwarding_not_allowed",
                                               "case.unknown"};
  return kCodes.contains(refused.code()) || refused.code().starts_with("slot.") ||
         refused.code().starts_with("rights.") ||
         (refused.code() == "lifecycle.not_your_role" && refused.field() == "appointment_booked") ||
         (refused.code() == "appointment.bad_meeting" && refused.field().starts_with("appointment_booked.meeting"));
}

bool is_overtaken(const v1::Refused& refused) {
  return refused.code() == "secrecy.not_followed_together" || refused.code() == "lifecycle.not_your_role" ||
         refused.code() == "lead.not_offered" || refused.code().starts_with("consent.");
}
}  // namespace

void Adapter::connected(std::uint64_t session) {
  session_ = session;
  sent_.clear();
  to_grant_ = kCreditMost;
}

void Adapter::disconnected() {
  session_ = 0;
  inbox_.clear();
  settles_.clear();
}

void Adapter::crash() { disconnected(); }

v1::AdapterFrame Adapter::speak() {
  v1::AdapterFrame frame;
  frame.set_session(session_);
  if (to_grant_ > 0) {
    frame.mutable_grant()->set_messages(to_grant_);
    frame.mutable_grant()->set_bytes(1u << 20);
    to_grant_ = 0;
  }
  for (auto& settle : settles_) *frame.add_settles() = std::move(settle);
  settles_.clear();
  // A part of the outbox, each message once in a session: after a new hello it comes again, whatever became of it.
  int most = static_cast<int>(random_.upto(4));
  std::set<std::string> cases;
  for (const auto& id : outbox_order_) {
    if (most == 0) break;
    const auto waiting = outbox_.find(id);
    if (waiting == outbox_.end()) continue;
    v1::Envelope envelope;
    envelope.ParseFromString(waiting->second.envelope());
    if (!cases.insert(envelope.case_id()).second) continue;  // one of a case at a time: its order is ours to keep
    if (!sent_.insert(id).second) continue;
    *frame.add_submits() = waiting->second;
    --most;
  }
  return frame;
}

void Adapter::listen(v1::BrokerFrame frame) {
  for (const auto& receipt : frame.receipts()) {
    if (!submitted_.contains(receipt.message_id())) fault_ = "a receipt for a message that was never submitted";
    const auto [known, fresh] = receipts_.emplace(receipt.message_id(), receipt.position());
    if (!fresh && known->second != receipt.position()) fault_ = "two receipts with two positions";
    outbox_.erase(receipt.message_id());
  }
  for (const auto& refused : frame.refusals()) take_refusal(refused);
  for (auto& delivery : *frame.mutable_deliveries()) inbox_.push_back(std::move(delivery));
}

void Adapter::take_refusal(const v1::Refused& refused) {
  ++refusals_[refused.code()];
  sent_.erase(refused.message_id());
  if (refused.retry() || refused.message_id().empty()) return;
  if (receipts_.contains(refused.message_id())) fault_ = "refused after a receipt: " + refused.code();
  const auto waiting = outbox_.find(refused.message_id());
  if (waiting == outbox_.end()) return;
  v1::Envelope envelope;
  envelope.ParseFromString(waiting->second.envelope());
  outbox_.erase(waiting);
  if (refused.code().starts_with("consent.") && envelope.purpose() == kHealth) return;
  if (is_part_of_life(refused) || (of_cases_.contains(refused.message_id()) && is_overtaken(refused))) return;
  if (refused.code() == "secrecy.not_followed_together")
    overtaken_.push_back({envelope.case_id(), envelope.has_referral_requested() ? "" : envelope.referral_id()});
  else
    fault_ = "refused as " + refused.code() + " " + refused.field();
}

void Adapter::work(std::int64_t now_ms, bool calm) {
  if (!inbox_.empty()) {
    const auto delivery = std::move(inbox_.front());
    inbox_.pop_front();
    return handle(delivery, now_ms, calm);
  }
  if (calm) return;
  if (random_.chance(8)) return change_slots(now_ms);
  if (random_.chance(8)) return speak_of_a_case(now_ms);
  if (dossiers_.empty() || random_.chance(15)) return ask_for_something(now_ms);
  auto dossier = dossiers_.begin();
  std::advance(dossier, static_cast<std::ptrdiff_t>(random_.upto(dossiers_.size() - 1)));
  go_on_with(dossier->first, dossier->second, now_ms);
}

void Adapter::handle(const v1::Deliver& delivery, std::int64_t now_ms, bool calm) {
  to_grant_ += 1;
  v1::Settle settle;
  settle.add_delivery_ids(delivery.delivery_id());
  v1::Envelope envelope;
  if (!envelope.ParseFromString(delivery.envelope())) fault_ = "an envelope that does not parse";
  if (delivery.recipient() != institution_) fault_ = "a delivery for somebody else";
  int expected = 0;
  for (const auto& compartment : envelope.compartments())
    if (std::find(compartment.recipients().begin(), compartment.recipients().end(), institution_) !=
        compartment.recipients().end()) {
      const auto digest = base::hash(delivery.compartments(std::min(expected, delivery.compartments_size() - 1)));
      if (digest != base::Hash{} && compartment.digest() != base::view(digest)) fault_ = "a compartment of another";
      ++expected;
    }
  if (expected != delivery.compartments_size()) fault_ = "compartments for somebody else, or missing";
  const bool seen = marks_.contains(envelope.message_id());
  if (!seen && !calm && random_.chance(6)) {
    settle.mutable_retry()->set_after_ms(static_cast<std::int64_t>(random_.upto(2)) * kOneHourMs);
    settle.mutable_retry()->set_reason("software.down");
  } else if (!seen && !calm && random_.chance(1)) {
    settle.mutable_reject()->set_reason("mapping.failed");
  } else {
    if (!seen) {
      marks_.insert(envelope.message_id());
      handled_.push_back({envelope.message_id(), envelope.case_id(), delivery.position(), delivery.attempt()});
      learn(envelope, now_ms);
    }
    settle.mutable_acknowledge();
  }
  settles_.push_back(std::move(settle));
}

/// What every adapter does by itself, and the dossier that the worker will see.
void Adapter::learn(const v1::Envelope& envelope, std::int64_t now_ms) {
  const bool new_leg = envelope.has_referral_forwarded() && envelope.referral_forwarded().to() == institution_;
  if (envelope.has_referral_requested() || new_leg) {
    const auto id = new_leg ? envelope.referral_forwarded().new_referral_id() : envelope.referral_id();
    std::string sender = envelope.sender();
    if (new_leg)
      for (const auto& recipient : envelope.recipients())
        if (recipient != institution_) sender = recipient;
    // A copy for whom somebody acts.
    if (envelope.on_behalf_of() == institution_) {
      dossiers_[id] = {envelope.case_id(), true, envelope.recipients(0), {}, envelope.purpose(), {}};
      return;
    }
    dossiers_[id] = {envelope.case_id(), false, sender, {}, envelope.purpose(), {}};
    auto received = about(id, dossiers_[id]);
    received.mutable_referral_received();
    return void(put_in_outbox(std::move(received), now_ms, false));
  }
  if (envelope.has_referral_forwarded())
    dossiers_[envelope.referral_forwarded().new_referral_id()] = {
        envelope.case_id(), true, envelope.referral_forwarded().to(), {}, envelope.purpose(), {}};
  answer_for_the_case(envelope, now_ms);
  const auto dossier = dossiers_.find(envelope.referral_id());
  if (dossier == dossiers_.end()) return;
  // Nobody decided in time: the one asks another now, and the other has no part in it any more.
  if (envelope.has_referral_reassigned()) {
    if (dossier->second.mine)
      dossier->second.counterpart = envelope.referral_reassigned().to();
    else if (envelope.referral_reassigned().from() == institution_)
      dossiers_.erase(dossier);
    return;
  }
  const bool over = envelope.has_referral_rejected() || envelope.has_referral_completed() ||
                    envelope.has_referral_expired() || envelope.has_referral_forwarded();
  if (over && dossier->second.mine) {
    auto acknowledged = about(envelope.referral_id(), dossier->second);
    acknowledged.mutable_outcome_acknowledged();
    put_in_outbox(std::move(acknowledged), now_ms, false);
  }
  if (!envelope.appointment_id().empty() && dossier->second.appointments.size() < 4)
    dossier->second.appointments.push_back(envelope.appointment_id());
}

v1::Envelope Adapter::about(const std::string& referral_id, const Dossier& dossier) {
  v1::Envelope envelope;
  envelope.add_recipients(dossier.counterpart);
  envelope.set_case_id(dossier.case_id);
  envelope.set_referral_id(referral_id);
  envelope.set_purpose(dossier.purpose);
  if (random_.chance(50)) envelope.set_on_behalf_of(dossier.principal);
  return envelope;
}

void Adapter::ask_for_something(std::int64_t now_ms) {
  auto others = kEverybody;
  std::erase(others, institution_);
  v1::Envelope envelope;
  envelope.set_case_id(random_.id());
  // Sometimes one more referral in a case of ours.
  if (!dossiers_.empty() && random_.chance(30)) {
    const auto& some = dossiers_.begin()->second;
    if (some.mine) envelope.set_case_id(some.case_id);
  }
  envelope.set_referral_id(random_.id());
  const bool acts = institution_ == kDelegate && random_.chance(30);
  if (acts) std::erase(others, kPrincipal);
  envelope.add_recipients(random_.pick(others));
  envelope.set_purpose(random_.chance(20) ? kHealth : kHousing);
  if (acts && envelope.purpose() == kHousing) envelope.set_on_behalf_of(kPrincipal);
  envelope.mutable_referral_requested()->set_service_need("logement-hebergement");
  if (random_.chance(40)) name_successors(envelope);
  if (random_.chance(10)) envelope.set_expires_at_ms(now_ms + 5 * kOneHourMs);
  dossiers_[envelope.referral_id()] = {envelope.case_id(),     true, envelope.recipients(0), {}, envelope.purpose(),
                                       envelope.on_behalf_of()};
  const bool needs_consent = envelope.purpose() == kHealth;
  if (needs_consent && random_.chance(80)) record_consent(envelope.case_id(), true, now_ms);
  const auto id = put_in_outbox(std::move(envelope), now_ms, true);
  if (needs_consent) of_cases_.insert(id);
}

/// Who gets it when nobody decides: what the agreement names, then who must by law.
void Adapter::name_successors(v1::Envelope& envelope) {
  if (envelope.purpose() != kHousing) return;
  const auto& asker = envelope.on_behalf_of().empty() ? institution_ : envelope.on_behalf_of();
  const auto& first = envelope.recipients(0);
  const bool between = (asker == "ccas-1" && first == "caf-1") || (asker == "caf-1" && first == "ccas-1");
  const auto may_follow = [&](const std::string& who) { return who != institution_ && who != asker && who != first; };
  if (between && may_follow(kFallback)) envelope.add_fallbacks(kFallback);
  if (may_follow(kDefaultRecipient)) envelope.add_fallbacks(kDefaultRecipient);
  if (first == kTeam)
    for (const auto& member : kTeamMembers)
      if (may_follow(member) && std::ranges::find(envelope.fallbacks(), member) == envelope.fallbacks().end())
        envelope.add_team_members(member);
}

void Adapter::go_on_with(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms) {
  if (random_.chance(25)) return meet(referral_id, dossier, now_ms);
  auto envelope = about(referral_id, dossier);
  // A team decides more often: what it does next is its member's.
  const bool decides = !dossier.mine && institution_ == kTeam && random_.chance(50);
  switch (decides ? 4 : random_.upto(dossier.mine ? 3 : 9)) {
    case 0:
      envelope.mutable_information_requested();
      break;
    case 1:
      return meet(referral_id, dossier, now_ms);
    case 2:
      if (!dossier.mine || random_.chance(60)) return;
      envelope.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_WITHDREW);
      break;
    case 3:
      if (!dossier.mine) return;
      envelope.mutable_outcome_acknowledged();
      break;
    case 4:
      envelope.mutable_referral_accepted();
      if (institution_ == kTeam && random_.chance(70)) {
        auto members = kTeamMembers;
        std::erase(members, dossier.counterpart);
        envelope.mutable_referral_accepted()->set_member(random_.pick(members));
      }
      break;
    case 5:
      envelope.mutable_referral_started();
      break;
    case 6:
      envelope.mutable_referral_held()->set_reason(v1::HOLD_REASON_WAITLIST);
      envelope.mutable_referral_held()->set_until_ms(now_ms + 3 * kOneHourMs);
      break;
    case 7:
      if (random_.chance(70)) return;
      envelope.mutable_referral_rejected()->set_reason(v1::REJECTION_REASON_NO_CAPACITY);
      break;
    case 8:
      envelope.mutable_referral_completed()->set_outcome(v1::OUTCOME_CONNECTED);
      break;
    default: {
      std::vector<std::string> others = kEverybody;
      std::erase(others, institution_);
      std::erase(others, dossier.counterpart);
      std::erase(others, kPrincipal);  // it may be who asks, through another
      envelope.mutable_referral_forwarded()->set_to(random_.pick(others));
      envelope.mutable_referral_forwarded()->set_new_referral_id(random_.id());
      envelope.add_recipients(envelope.referral_forwarded().to());
      return void(put_in_outbox(std::move(envelope), now_ms, true));
    }
  }
  put_in_outbox(std::move(envelope), now_ms, random_.chance(20));
}

std::string Adapter::put_in_outbox(v1::Envelope envelope, std::int64_t now_ms, bool with_content) {
  envelope.set_version(1);
  envelope.set_message_id(random_.id());
  envelope.set_sender(institution_);
  if (envelope.purpose().empty()) envelope.set_purpose(kHousing);
  if (envelope.priority() == v1::PRIORITY_UNSPECIFIED)
    envelope.set_priority(random_.chance(10) ? v1::PRIORITY_STAT : v1::PRIORITY_ROUTINE);
  envelope.set_sent_at_ms(now_ms);
  envelope.set_signing_key(institution_ + "-s");
  v1::Submit submit;
  if (with_content) {
    v1::Compartment compartment;
    // One in fifty shares what the purpose does not need: to be refused, never to be delivered.
    const bool note = envelope.has_announcement_made() || random_.chance(2);
    compartment.set_category(note ? v1::CATEGORY_NOTE : v1::CATEGORY_IDENTITY);
    compartment.set_nonce(std::string(24, 'n'));
    compartment.set_ciphertext(random_.id() + random_.id());
    auto& digest = *envelope.add_compartments();
    digest.set_category(compartment.category());
    for (const auto& reader : readers(envelope)) {
      digest.add_recipients(reader);
      auto& wrap = *compartment.add_wraps();
      wrap.set_recipient(reader);
      wrap.set_recipient_key("k");
      wrap.set_sender_key("k");
      wrap.set_nonce(std::string(24, 'w'));
      wrap.set_sealed_key(std::string(48, 's'));
    }
    compartment.SerializeToString(submit.add_compartments());
    digest.set_digest(std::string(base::view(base::hash(submit.compartments(0)))));
  }
  envelope.SerializeToString(submit.mutable_envelope());
  submit.set_signature(std::string(base::kSignatureBytes, 'S'));
  submitted_.insert(envelope.message_id());
  outbox_order_.push_back(envelope.message_id());
  outbox_.emplace(envelope.message_id(), std::move(submit));
  return envelope.message_id();
}

}  // namespace relais::simulation
