#include "broker/core/apply.h"

#include <algorithm>
#include <iterator>

#include "broker/base/crypto.h"
#include "broker/core/acting.h"
#include "broker/core/apply_case.h"
#include "broker/core/apply_delivery.h"
#include "broker/core/apply_pause.h"
#include "broker/core/apply_slots.h"
#include "broker/core/referral_moves.h"

namespace relais::core {

namespace {

void count_traffic(State& state, const std::string& agreement, const v1::Envelope& envelope, const Moment& moment) {
  auto& directions = *state.traffic_to_change(agreement).mutable_directions();
  for (const auto& recipient : envelope.recipients()) {
    auto at = std::ranges::find_if(
        directions, [&](const auto& one) { return one.from() == envelope.sender() && one.to() == recipient; });
    if (at == directions.end()) {
      directions.Add();
      at = std::prev(directions.end());
      at->set_from(envelope.sender());
      at->set_to(recipient);
    }
    at->set_messages(at->messages() + 1);
    at->set_last_at_ms(base::to_ms(moment.at));
  }
}

void accept(State& state, const v1::MessageAccepted& event, const Moment& moment, Observer& observer) {
  const auto envelope = State::parse<v1::Envelope>(event.envelope());
  const MessageKey key{moment.position, event.ordinal()};
  v1::MessageRow row;
  row.set_position(key.position);
  row.set_ordinal(key.ordinal);
  row.set_accepted_at_ms(base::to_ms(moment.at));
  row.set_envelope_hash(std::string(base::view(base::hash(event.envelope()))));
  row.set_sender(envelope.sender());
  row.set_referral_id(envelope.referral_id());
  row.set_kind(static_cast<std::uint32_t>(envelope.body_case()));
  row.set_exercise(envelope.exercise());
  row.set_retention_ms(event.retention_ms());
  row.set_payload_bytes(event.payload_bytes());
  // What is about no case is its own line: nothing waits behind it.
  const auto& line = envelope.case_id().empty() ? envelope.message_id() : envelope.case_id();
  if (envelope.referral_id().empty()) row.set_case_id(line);
  if (envelope.has_note_shared()) row.set_purpose(envelope.purpose());
  v1::QueueRow entry;
  entry.set_message_id(envelope.message_id());
  entry.set_case_id(line);
  entry.set_expires_at_ms(envelope.expires_at_ms());
  entry.set_bytes(event.envelope().size() + event.payload_bytes());
  // Of a case that nobody spoke of before, and of what is about no case, nothing can be on its way.
  const bool known_case =
      !envelope.case_id().empty() &&
      (event.ordinal() != 0 || state.find<v1::CaseRow>(TableId::cases, envelope.case_id()).has_value());
  const auto in_line = known_case ? Line::may_be_there : Line::is_new;
  std::vector<std::string> recipients(envelope.recipients().begin(), envelope.recipients().end());
  recipients.insert(recipients.end(), event.copies().begin(), event.copies().end());
  for (const auto& recipient : recipients) {
    auto& delivery = *row.add_deliveries();
    delivery.set_recipient(recipient);
    delivery.set_state(v1::DELIVERY_STATE_QUEUED);
    delivery.set_at_position(moment.position);
    delivery.set_at_ms(base::to_ms(moment.at));
    enqueue(state, recipient, envelope.priority(), key, entry, in_line, observer);
    change_counts(state, recipient, envelope.exercise(),
                  [](v1::Counts& counts) { counts.set_queued(counts.queued() + 1); });
  }
  state.put(TableId::messages, envelope.message_id(), row);
  if (!envelope.compartments().empty() && !envelope.case_id().empty())
    note_shared(state, envelope.case_id(), envelope.message_id());
  if (envelope.sender() != kBrokerId)
    change_counts(state, envelope.sender(), envelope.exercise(),
                  [](v1::Counts& counts) { counts.set_sent(counts.sent() + 1); });
  if (!event.agreement().empty() && !envelope.exercise()) count_traffic(state, event.agreement(), envelope, moment);
}

void set_deadline(State& state, std::string_view referral_id, v1::ReferralRow& row, std::int64_t deadline_ms) {
  if (row.deadline_ms() == deadline_ms) return;
  if (row.deadline_ms() != 0)
    state.erase(TableId::timers,
                keys::timer(base::from_ms(row.deadline_ms()), keys::Timer::referral_deadline, referral_id));
  row.set_deadline_ms(deadline_ms);
  if (deadline_ms != 0)
    state.put(TableId::timers, keys::timer(base::from_ms(deadline_ms), keys::Timer::referral_deadline, referral_id),
              v1::TimerRow());
}

void open_referral(State& state, const v1::ReferralOpened& event, const Moment& moment) {
  v1::ReferralRow row;
  row.set_case_id(event.case_id());
  row.set_status(v1::REFERRAL_STATUS_REQUESTED);
  row.set_sender(event.sender());
  row.set_recipient(event.recipient());
  row.set_principal(event.principal());
  row.set_holder(accountable_sender(row));
  row.set_purpose(event.purpose());
  row.set_priority(event.priority());
  row.set_agreement(event.agreement());
  row.set_exercise(event.exercise());
  row.set_based_on(event.based_on());
  row.set_opened_at_position(moment.position);
  row.set_opened_at_ms(base::to_ms(moment.at));
  row.set_step(event.step());
  row.set_decide_by_ms(event.decide_by_ms());
  *row.mutable_fallbacks() = event.fallbacks();
  row.set_request_id(event.request_id());
  set_deadline(state, event.referral_id(), row, event.deadline_ms());
  state.put(TableId::referrals, event.referral_id(), row);
  begin_in_case(state, event);
  change_counts(state, event.sender(), event.exercise(), [](v1::Counts& counts) {
    counts.set_referrals_sent(counts.referrals_sent() + 1);
    counts.set_referrals_open(counts.referrals_open() + 1);
  });
}

v1::ReferralRow known_referral(const State& state, std::string_view id) {
  auto row = state.referral(id);
  base::check(row.has_value(), "an event speaks of a referral that exists");
  return std::move(*row);
}

void move_referral(State& state, const v1::ReferralMoved& event, const Moment& moment, Observer& observer) {
  auto row = known_referral(state, event.referral_id());
  row.set_status(event.status());
  row.set_holder(event.holder());
  if (event.outcome() != v1::OUTCOME_UNSPECIFIED) row.set_outcome(event.outcome());
  if (event.complete_by_ms() != 0) {
    if (row.complete_by_ms() == 0) join_case(state, row.case_id(), row.recipient());
    row.set_complete_by_ms(event.complete_by_ms());
  }
  if (!event.member().empty()) {
    row.set_member(event.member());
    join_case(state, row.case_id(), row.member());
  }
  row.set_step(event.step());
  row.clear_reminders();
  set_deadline(state, event.referral_id(), row, event.deadline_ms());
  state.put(TableId::referrals, event.referral_id(), row);
  if (event.has_delivery()) deliver_also(state, event.delivery(), moment, observer);
}

void close_referral(State& state, const v1::ReferralClosed& event) {
  auto row = known_referral(state, event.referral_id());
  row.set_closed(true);
  row.clear_holder();
  set_deadline(state, event.referral_id(), row, 0);
  state.put(TableId::referrals, event.referral_id(), row);
  leave_case(state, row.case_id(), row.sender());
  if (!row.principal().empty()) leave_case(state, row.case_id(), row.principal());
  if (row.complete_by_ms() != 0) leave_case(state, row.case_id(), row.recipient());
  if (!row.member().empty()) leave_case(state, row.case_id(), row.member());
  change_counts(state, row.sender(), row.exercise(),
                [](v1::Counts& counts) { counts.set_referrals_open(counts.referrals_open() - 1); });
}

/// A first appointment is booked: what is due next is the outcome.
void meet(State& state, std::string_view referral_id, v1::ReferralRow& referral) {
  referral.set_met(true);
  if (referral.step() == v1::DEADLINE_STEP_FIRST_APPOINTMENT) {
    referral.set_step(v1::DEADLINE_STEP_COMPLETE);
    referral.clear_reminders();
    set_deadline(state, referral_id, referral, referral.complete_by_ms());
  }
  state.put(TableId::referrals, referral_id, referral);
}

void move_appointment(State& state, const v1::AppointmentMoved& event) {
  auto known = state.find<v1::AppointmentRow>(TableId::appointments, event.appointment_id());
  const bool booked_now =
      event.status() == v1::APPOINTMENT_STATUS_BOOKED && (!known || known->status() != v1::APPOINTMENT_STATUS_BOOKED);
  const auto hold_timer = [&](std::int64_t until_ms) {
    return keys::timer(base::from_ms(until_ms), keys::Timer::hold_ends, event.appointment_id());
  };
  auto referral = known_referral(state, event.referral_id());
  // An exercise takes no place from anybody.
  if (!referral.exercise()) change_places(state, referral.recipient(), known ? &*known : nullptr, event);
  if (!known) {
    referral.add_appointments(event.appointment_id());
    state.put(TableId::referrals, event.referral_id(), referral);
    known.emplace();
  }
  if (known->hold_until_ms() != 0) state.erase(TableId::timers, hold_timer(known->hold_until_ms()));
  known->set_referral_id(event.referral_id());
  known->set_status(event.status());
  *known->mutable_meeting() = event.meeting();
  known->set_hold_until_ms(event.hold_until_ms());
  known->set_proposed_by(event.proposed_by());
  if (event.hold_until_ms() != 0) state.put(TableId::timers, hold_timer(event.hold_until_ms()), v1::TimerRow());
  state.put(TableId::appointments, event.appointment_id(), *known);
  if (booked_now && !referral.met()) meet(state, event.referral_id(), referral);
  if (booked_now)
    change_counts(state, referral.recipient(), referral.exercise(),
                  [](v1::Counts& counts) { counts.set_appointments_booked(counts.appointments_booked() + 1); });
}

void pass_deadline(State& state, const v1::DeadlinePassed& event) {
  auto row = known_referral(state, event.referral_id());
  row.set_step(event.step());
  row.set_reminders(row.reminders() + 1);
  set_deadline(state, event.referral_id(), row, event.next_deadline_ms());
  state.put(TableId::referrals, event.referral_id(), row);
}

/// The referral begins anew at `to`, and the request, as its sender wrote it, enters the queue of `to`.
void hand_on(State& state, const v1::ReferralHandedOn& event, const Moment& moment, Observer& observer) {
  auto row = known_referral(state, event.referral_id());
  row.set_status(v1::REFERRAL_STATUS_REQUESTED);
  row.set_recipient(event.to());
  row.set_holder(accountable_sender(row));
  row.set_agreement(event.agreement());
  row.set_step(event.step());
  row.set_decide_by_ms(event.decide_by_ms());
  row.clear_reminders();
  row.clear_met();
  row.mutable_fallbacks()->DeleteSubrange(0, event.skipped_size() + 1);
  set_deadline(state, event.referral_id(), row, event.deadline_ms());
  state.put(TableId::referrals, event.referral_id(), row);
  deliver_also(state, event.delivery(), moment, observer);
}

}  // namespace

void apply(State& state, const v1::Event& event, Position position, base::Instant at, Observer& observer) {
  const Moment moment{position, at};
  switch (event.kind_case()) {
    case v1::Event::kMessageAccepted:
      return accept(state, event.message_accepted(), moment, observer);
    case v1::Event::kReferralOpened:
      return open_referral(state, event.referral_opened(), moment);
    case v1::Event::kReferralMoved:
      return move_referral(state, event.referral_moved(), moment, observer);
    case v1::Event::kReferralClosed:
      return close_referral(state, event.referral_closed());
    case v1::Event::kAppointmentMoved:
      return move_appointment(state, event.appointment_moved());
    case v1::Event::kDeliverySettled:
      for (const auto& delivery : event.delivery_settled().deliveries()) settle(state, delivery, moment, observer);
      return;
    case v1::Event::kDeliveryParked:
      return park(state, event.delivery_parked(), moment, observer);
    case v1::Event::kDeliveryResumed:
      return resume(state, event.delivery_resumed().delivery(), moment, observer);
    case v1::Event::kDeliveryDead:
      return bury(state, event.delivery_dead(), moment, observer);
    case v1::Event::kDeadLetterRequeued:
      return requeue(state, event.dead_letter_requeued().delivery(), moment, observer);
    case v1::Event::kDeadLetterDiscarded:
      return discard(state, event.dead_letter_discarded().delivery(), moment, observer);
    case v1::Event::kNetworkApplied:
      state.put_network(event.network_applied().network());
      return observer.network_changed();
    case v1::Event::kDeadlinePassed:
      return pass_deadline(state, event.deadline_passed());
    case v1::Event::kPayloadErased:
      state.erase(TableId::timers,
                  keys::timer(base::from_ms(event.payload_erased().due_ms()), keys::Timer::erase_payload,
                              keys::message({event.payload_erased().position(), event.payload_erased().ordinal()}) +
                                  event.payload_erased().message_id()));
      return erase_payload(state, {event.payload_erased().position(), event.payload_erased().ordinal()},
                           event.payload_erased().message_id(), observer);
    case v1::Event::kReferralHandedOn:
      return hand_on(state, event.referral_handed_on(), moment, observer);
    case v1::Event::kCaseLed:
      return lead_case(state, event.case_led());
    case v1::Event::kLeadProposed:
      return propose_lead(state, event.lead_proposed());
    case v1::Event::kParticipantKeptOn:
      return keep_on(state, event.participant_kept_on());
    case v1::Event::kConsentRecorded:
      return record_consent(state, event.consent_recorded(), moment);
    case v1::Event::kRightsOpened:
      return open_rights(state, event.rights_opened(), moment);
    case v1::Event::kRightsReplied:
      return reply_to_rights(state, event.rights_replied(), moment);
    case v1::Event::kRightsReminded:
      return remind_of_rights(state, event.rights_reminded());
    case v1::Event::kRetentionEnded:
      return end_retention(state, event.retention_ended().message_id());
    case v1::Event::kSlotPublished:
      return publish_slot(state, event.slot_published());
    case v1::Event::kSlotWithdrawn:
      return withdraw_slot(state, event.slot_withdrawn(), moment);
    case v1::Event::kInstitutionPaused:
      return pause(state, event.institution_paused(), moment);
    case v1::Event::kPauseBegan:
      return begin_pause(state, event.pause_began());
    case v1::Event::kInstitutionResumed:
      return end_pause(state, event.institution_resumed(), observer);
    case v1::Event::kOperatorActed:
      return;  // tells who and why; the events after it tell what
    case v1::Event::KIND_NOT_SET:
      break;
  }
  base::fail_check("an event has a kind", std::source_location::current());
}

void apply(State& state, const v1::Record& record, Observer& observer) {
  for (const auto& event : record.events())
    apply(state, event, record.position(), base::from_ms(record.at_ms()), observer);
}

base::Hash state_digest(const Tables& tables) {
  base::Hash digest{};
  for (const auto table : kTables)
    tables.scan(table, {}, {}, [&](std::string_view key, std::string_view value) {
      const auto row = base::hash(key, value);
      std::string name(table_name(table));
      name += base::view(digest);
      digest = base::hash(name, base::view(row));
      return true;
    });
  return digest;
}

}  // namespace relais::core
