#include "tests/simulation/adapter.h"

#include <algorithm>

#include "broker/base/crypto.h"
#include "broker/core/message_kinds.h"
#include "tests/simulation/network.h"

namespace relais::simulation {

namespace {
constexpr std::uint32_t kCreditMost = 8;
constexpr std::int64_t kOneHourMs = 3'600'000;
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
  for (const auto& refused : frame.refusals()) {
    ++refusals_[refused.code()];
    sent_.erase(refused.message_id());
    if (refused.retry() || refused.message_id().empty()) continue;
    if (receipts_.contains(refused.message_id())) fault_ = "refused after a receipt: " + refused.code();
    outbox_.erase(refused.message_id());
    if (refused.code() != "lifecycle.invalid_transition" && refused.code() != "secrecy.category_not_needed" &&
        refused.code() != "referral.unknown" && refused.code() != "appointment.unknown" &&
        refused.code() != "agreement.forwarding_not_allowed" && refused.code() != "delivery.unknown" &&
        !refused.code().starts_with("slot.") && !refused.code().starts_with("rights.") &&
        refused.code() != "case.unknown" &&
        !(refused.code() == "secrecy.not_followed_together" && asked_.contains(refused.message_id())) &&
        !(refused.code() == "lifecycle.not_your_role" && refused.field() == "appointment_booked") &&
        !(refused.code() == "appointment.bad_meeting" && refused.field().starts_with("appointment_booked.meeting")))
      fault_ = "refused as " + refused.code() + " " + refused.field();
  }
  for (auto& delivery : *frame.mutable_deliveries()) inbox_.push_back(std::move(delivery));
}

void Adapter::work(std::int64_t now_ms, bool calm) {
  if (!inbox_.empty()) {
    const auto delivery = std::move(inbox_.front());
    inbox_.pop_front();
    return handle(delivery, now_ms, calm);
  }
  if (calm) return;
  if (random_.chance(8)) return change_slots(now_ms);
  if (random_.chance(2)) return ask_for_a_person(now_ms);
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

/// A person of a case that was opened, or is about to be, comes to this counter.
void Adapter::ask_for_a_person(std::int64_t now_ms) {
  if (dossiers_.empty()) return;
  auto dossier = dossiers_.begin();
  std::advance(dossier, static_cast<std::ptrdiff_t>(random_.upto(dossiers_.size() - 1)));
  v1::Envelope envelope;
  envelope.set_case_id(dossier->second.case_id);
  envelope.mutable_rights_requested()->set_right(random_.chance(50) ? v1::RIGHT_ACCESS : v1::RIGHT_ERASURE);
  asked_.insert(put_in_outbox(std::move(envelope), now_ms, false));
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
    dossiers_[id] = {envelope.case_id(), false, sender, {}};
    auto received = about(id, dossiers_[id]);
    received.mutable_referral_received();
    return void(put_in_outbox(std::move(received), now_ms, false));
  }
  if (envelope.has_referral_forwarded())
    dossiers_[envelope.referral_forwarded().new_referral_id()] = {
        envelope.case_id(), true, envelope.referral_forwarded().to(), {}};
  if (envelope.has_rights_requested()) {
    v1::Envelope answer;
    answer.set_case_id(envelope.case_id());
    answer.add_recipients(envelope.rights_requested().by());
    answer.mutable_rights_answered()->set_request_id(envelope.rights_requested().request_id());
    answer.mutable_rights_answered()->set_reply(v1::RIGHTS_REPLY_DONE);
    put_in_outbox(std::move(answer), now_ms, false);
  }
  const auto dossier = dossiers_.find(envelope.referral_id());
  if (dossier == dossiers_.end()) return;
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
  return envelope;
}

void Adapter::ask_for_something(std::int64_t now_ms) {
  auto others = kInstitutions;
  std::erase(others, institution_);
  v1::Envelope envelope;
  envelope.set_case_id(random_.id());
  // Sometimes one more referral in a case of ours.
  if (!dossiers_.empty() && random_.chance(30)) {
    const auto& some = dossiers_.begin()->second;
    if (some.mine) envelope.set_case_id(some.case_id);
  }
  envelope.set_referral_id(random_.id());
  envelope.add_recipients(random_.pick(others));
  envelope.mutable_referral_requested()->set_service_need("logement-hebergement");
  if (random_.chance(10)) envelope.set_expires_at_ms(now_ms + 5 * kOneHourMs);
  dossiers_[envelope.referral_id()] = {envelope.case_id(), true, envelope.recipients(0), {}};
  put_in_outbox(std::move(envelope), now_ms, true);
}

void Adapter::go_on_with(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms) {
  if (random_.chance(25)) return meet(referral_id, dossier, now_ms);
  auto envelope = about(referral_id, dossier);
  switch (random_.upto(dossier.mine ? 3 : 9)) {
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
      std::vector<std::string> others = kInstitutions;
      std::erase(others, institution_);
      std::erase(others, dossier.counterpart);
      envelope.mutable_referral_forwarded()->set_to(random_.pick(others));
      envelope.mutable_referral_forwarded()->set_new_referral_id(random_.id());
      envelope.add_recipients(envelope.referral_forwarded().to());
      return void(put_in_outbox(std::move(envelope), now_ms, true));
    }
  }
  put_in_outbox(std::move(envelope), now_ms, random_.chance(20));
}

/// A handful of ids that come back again and again: published, moved, shrunk, withdrawn, and wished for by others.
std::string Adapter::some_slot() { return "slot-" + std::to_string(random_.upto(5)); }

void Adapter::change_slots(std::int64_t now_ms) {
  v1::Envelope envelope;
  if (random_.chance(15)) {
    envelope.mutable_slots_withdrawn()->add_slot_ids(some_slot());
    return void(put_in_outbox(std::move(envelope), now_ms, false));
  }
  std::set<std::string> ids;
  for (std::uint64_t i = 0; i <= random_.upto(5); ++i) ids.insert(some_slot());
  for (const auto& id : ids) {
    auto& slot = *envelope.mutable_slots_published()->add_slots();
    slot.set_slot_id(id);
    if (random_.chance(50)) slot.set_service_id(institution_ + "-help");
    // Whole hours, so that a slot often comes again as it was.
    slot.set_start_ms((now_ms / kOneHourMs + static_cast<std::int64_t>(1 + random_.upto(400))) * kOneHourMs);
    slot.set_end_ms(slot.start_ms() + kOneHourMs * static_cast<std::int64_t>(1 + random_.upto(3)));
    slot.set_capacity(static_cast<std::uint32_t>(1 + random_.upto(2)));
    slot.set_open(random_.chance(30));
  }
  put_in_outbox(std::move(envelope), now_ms, false);
}

void Adapter::meet(const std::string& referral_id, Dossier& dossier, std::int64_t now_ms) {
  auto envelope = about(referral_id, dossier);
  const bool fresh = dossier.appointments.empty() || random_.chance(30);
  envelope.set_appointment_id(fresh ? random_.id()
                                    : dossier.appointments[random_.upto(dossier.appointments.size() - 1)]);
  v1::Meeting meeting;
  const bool in_slot = random_.chance(60);
  if (in_slot) {
    meeting.set_slot_id(some_slot());
  } else {
    meeting.set_start_ms(now_ms + 24 * kOneHourMs);
    meeting.set_end_ms(now_ms + 25 * kOneHourMs);
  }
  if (fresh) {
    if (dossier.appointments.size() < 4) dossier.appointments.push_back(envelope.appointment_id());
    if ((!dossier.mine || in_slot) && random_.chance(50)) {
      *envelope.mutable_appointment_booked()->mutable_meeting() = meeting;
    } else if (random_.chance(50)) {
      *envelope.mutable_appointment_proposed()->mutable_meeting() = meeting;
    } else {
      *envelope.mutable_appointment_held()->mutable_meeting() = meeting;
      envelope.mutable_appointment_held()->set_expires_at_ms(now_ms + 2 * kOneHourMs);
    }
    return void(put_in_outbox(std::move(envelope), now_ms, false));
  }
  switch (random_.upto(dossier.mine ? 2 : 5)) {
    case 0:
      *envelope.mutable_appointment_rescheduled()->mutable_meeting() = meeting;
      break;
    case 1:
      envelope.mutable_appointment_booked();
      if (random_.chance(30)) *envelope.mutable_appointment_booked()->mutable_meeting() = meeting;
      break;
    case 2:
      envelope.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_PERSON);
      envelope.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_UNAVAILABLE);
      break;
    case 3:
      envelope.mutable_appointment_arrived();
      break;
    case 4:
      envelope.mutable_appointment_fulfilled();
      break;
    default:
      envelope.mutable_appointment_no_show();
      break;
  }
  put_in_outbox(std::move(envelope), now_ms, false);
}

std::string Adapter::put_in_outbox(v1::Envelope envelope, std::int64_t now_ms, bool with_content) {
  envelope.set_version(1);
  envelope.set_message_id(random_.id());
  envelope.set_sender(institution_);
  envelope.set_purpose("housing");
  if (envelope.priority() == v1::PRIORITY_UNSPECIFIED)
    envelope.set_priority(random_.chance(10) ? v1::PRIORITY_STAT : v1::PRIORITY_ROUTINE);
  envelope.set_sent_at_ms(now_ms);
  envelope.set_signing_key(institution_ + "-s");
  v1::Submit submit;
  if (with_content) {
    v1::Compartment compartment;
    // One in fifty shares what the purpose does not need: to be refused, never to be delivered.
    compartment.set_category(random_.chance(2) ? v1::CATEGORY_NOTE : v1::CATEGORY_IDENTITY);
    compartment.set_nonce(std::string(24, 'n'));
    compartment.set_ciphertext(random_.id() + random_.id());
    auto& digest = *envelope.add_compartments();
    digest.set_category(compartment.category());
    // The last recipient is the one that must be told: of a forward, the new one.
    const auto& reader = envelope.recipients(envelope.recipients_size() - 1);
    digest.add_recipients(reader);
    auto& wrap = *compartment.add_wraps();
    wrap.set_recipient(reader);
    wrap.set_recipient_key("k");
    wrap.set_sender_key("k");
    wrap.set_nonce(std::string(24, 'w'));
    wrap.set_sealed_key(std::string(48, 's'));
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
