// What happens because time passes: one timer at a time, and its events remove it, so none goes off twice.
#include <algorithm>

#include "broker/base/ids.h"
#include "broker/core/acting.h"
#include "broker/core/apply_delivery.h"
#include "broker/core/decide_parts.h"
#include "broker/core/message_kinds.h"
#include "broker/core/notice.h"
#include "broker/core/parcours.h"
#include "broker/core/referral_moves.h"
#include "broker/core/referral_rules.h"

namespace relais::core {

namespace {

using base::RefusalCode;

struct Due {
  const State& state;
  const Context& context;
  std::vector<v1::Event>& events;
};

v1::DeliveryRef delivery_of(const std::string& recipient, MessageKey key, const v1::QueueRow& entry,
                            v1::Priority priority) {
  v1::DeliveryRef delivery;
  delivery.set_recipient(recipient);
  delivery.set_position(key.position);
  delivery.set_ordinal(key.ordinal);
  delivery.set_message_id(entry.message_id());
  delivery.set_case_id(entry.case_id());
  delivery.set_priority(priority);
  return delivery;
}

/// The step that follows one whose time passed, and its end; the same step again where nothing follows.
std::pair<v1::DeadlineStep, std::int64_t> after_missed(const v1::ReferralRow& referral, const Context& context) {
  switch (step_of(referral)) {
    case v1::DEADLINE_STEP_RECEIVE:
      return {v1::DEADLINE_STEP_DECIDE, referral.decide_by_ms()};
    case v1::DEADLINE_STEP_FIRST_APPOINTMENT:
      return {v1::DEADLINE_STEP_COMPLETE, referral.complete_by_ms()};
    default:
      return {step_of(referral), base::to_ms(context.now + context.rules.remind_every)};
  }
}

/// Both sides are told; from the second time on, who leads the case as well.
void tell_missed(const Due& due, std::string_view referral_id, const v1::ReferralRow& referral) {
  const auto [next_step, next_deadline_ms] = after_missed(referral, due.context);
  auto& passed = *due.events.emplace_back().mutable_deadline_passed();
  passed.set_referral_id(std::string(referral_id));
  passed.set_deadline_ms(referral.deadline_ms());
  passed.set_next_deadline_ms(next_deadline_ms);
  passed.set_step(next_step);
  v1::Envelope notice;
  auto& missed = *notice.mutable_deadline_missed();
  missed.set_deadline_ms(referral.deadline_ms());
  missed.set_holder(referral.holder());
  missed.set_step(step_of(referral));
  missed.set_reminder(referral.reminders() + 1);
  auto told = all_sides(referral);
  if (referral.reminders() > 0)
    if (const auto parcours = due.state.find<v1::CaseRow>(TableId::cases, referral.case_id()))
      if (std::find(told.begin(), told.end(), parcours->lead()) == told.end()) told.push_back(parcours->lead());
  due.events.push_back(make_notice(std::move(notice), referral_id, referral, told, 0, due.context));
}

/// What of the request has not reached the institution that let the time pass, it must not see any more, and no
/// operator can send it there: it is discarded, not left among the dead letters, where it would also outlast its
/// retention.
void take_back_request(const Due& due, const v1::ReferralRow& referral, const v1::MessageRow& request) {
  const auto delivery = request_to(referral.recipient(), referral, request);
  for (const auto& known : request.deliveries()) {
    if (known.recipient() != referral.recipient()) continue;
    const bool on_its_way = known.state() == v1::DELIVERY_STATE_QUEUED || known.state() == v1::DELIVERY_STATE_PARKED;
    if (on_its_way) {
      auto& dead = *due.events.emplace_back().mutable_delivery_dead();
      *dead.mutable_delivery() = delivery;
      dead.set_reason(std::string(base::info(RefusalCode::delivery_expired).name));
    }
    if (on_its_way || known.state() == v1::DELIVERY_STATE_DEAD)
      *due.events.emplace_back().mutable_dead_letter_discarded()->mutable_delivery() = delivery;
  }
}

void hand_on(const Due& due, std::string_view referral_id, const v1::ReferralRow& referral, const Successor& next,
             const std::vector<std::string>& skipped) {
  const auto request = due.state.message(referral.request_id());
  base::check(request.has_value(), "a referral with fallbacks knows its request");
  const auto cancelled = cancel_open_appointments(referral, due.state, due.events);
  take_back_request(due, referral, *request);
  const auto first = first_step(*next.agreement, referral.priority(), due.state, due.context);
  auto& handed = *due.events.emplace_back().mutable_referral_handed_on();
  handed.set_referral_id(std::string(referral_id));
  handed.set_from(referral.recipient());
  handed.set_to(next.institution);
  handed.set_agreement(next.agreement->id());
  handed.set_step(first.step);
  handed.set_deadline_ms(first.deadline_ms);
  handed.set_decide_by_ms(first.decide_by_ms);
  for (const auto& institution : skipped) handed.add_skipped(institution);
  *handed.mutable_delivery() = request_to(next.institution, referral, *request);
  v1::Envelope notice;
  auto& told = *notice.mutable_referral_reassigned();
  told.set_deadline_ms(referral.deadline_ms());
  told.set_from(referral.recipient());
  told.set_to(next.institution);
  auto all = all_sides(referral);
  if (std::find(all.begin(), all.end(), next.institution) == all.end()) all.push_back(next.institution);
  due.events.push_back(make_notice(std::move(notice), referral_id, referral, all, 0, due.context));
  tell_cancelled(cancelled, referral_id, referral, 1, due.context, due.events);
}

/// Nobody decided in time: the next one gets the referral, or it goes back to who asked.
void undecided(const Due& due, std::string_view referral_id, const v1::ReferralRow& referral) {
  std::vector<std::string> skipped;
  if (const auto next = successor(referral, due.state, due.context, skipped))
    return hand_on(due, referral_id, referral, *next, skipped);
  const auto expired = next_status(referral.status(), Body::kReferralExpired);
  base::check(expired.has_value(), "a referral that waits for a decision may expire");
  v1::Envelope notice;
  notice.mutable_referral_expired()->set_deadline_ms(referral.deadline_ms());
  due.events.push_back(move_to(*expired, referral_id, referral, 0, due.state, due.context));
  const auto cancelled = cancel_open_appointments(referral, due.state, due.events);
  due.events.push_back(make_notice(std::move(notice), referral_id, referral, all_sides(referral), 0, due.context));
  tell_cancelled(cancelled, referral_id, referral, 1, due.context, due.events);
}

void referral_deadline(const Due& due, const keys::DueTimer& timer) {
  const auto referral = due.state.referral(timer.subject);
  base::check(referral.has_value(), "a deadline belongs to a referral");
  if (step_of(*referral) == v1::DEADLINE_STEP_DECIDE)
    undecided(due, timer.subject, *referral);
  else
    tell_missed(due, timer.subject, *referral);
}

void resume_parked(const Due& due, const keys::DueTimer& timer) {
  const auto parked = due.state.find<v1::ParkedRow>(TableId::parked, timer.subject);
  base::check(parked.has_value(), "a parked message has a row");
  *due.events.emplace_back().mutable_delivery_resumed()->mutable_delivery() =
      delivery_of(std::string(keys::institution_at_start(timer.subject)), keys::message_at_end(timer.subject),
                  parked->entry(), parked->priority());
}

void hold_ends(const Due& due, const keys::DueTimer& timer) {
  const auto appointment = due.state.find<v1::AppointmentRow>(TableId::appointments, timer.subject);
  base::check(appointment.has_value(), "a hold belongs to an appointment");
  const auto referral = due.state.referral(appointment->referral_id());
  base::check(referral.has_value(), "an appointment belongs to a referral");
  auto& moved = *due.events.emplace_back().mutable_appointment_moved();
  moved.set_appointment_id(timer.subject);
  moved.set_referral_id(appointment->referral_id());
  moved.set_status(v1::APPOINTMENT_STATUS_CANCELLED);
  *moved.mutable_meeting() = appointment->meeting();
  moved.set_proposed_by(appointment->proposed_by());
  v1::Envelope notice;
  notice.set_appointment_id(timer.subject);
  notice.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_BROKER);
  notice.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_OTHER);
  due.events.push_back(
      make_notice(std::move(notice), appointment->referral_id(), *referral, all_sides(*referral), 0, due.context));
}

void erase_payload(const Due& due, const keys::DueTimer& timer) {
  const auto key = keys::read_message(std::string_view(timer.subject).substr(0, 12));
  auto& erased = *due.events.emplace_back().mutable_payload_erased();
  erased.set_position(key.position);
  erased.set_ordinal(key.ordinal);
  erased.set_message_id(timer.subject.substr(12));
  erased.set_due_ms(base::to_ms(timer.due));
}

std::string case_of(const State& state, const v1::MessageRow& message) {
  if (message.referral_id().empty()) return message.case_id();
  const auto referral = state.referral(message.referral_id());
  base::check(referral.has_value(), "a message that names a referral belongs to one");
  return referral->case_id();
}

void message_expires(const Due& due, const keys::DueTimer& timer) {
  const auto id_at = timer.subject.size() - base::MessageId::kBytes;
  const auto message_id = timer.subject.substr(id_at);
  const auto delivery_key = timer.subject.substr(0, id_at);
  const std::string recipient(keys::institution_at_start(delivery_key));
  const auto key = keys::message_at_end(delivery_key);
  // The message is in one of three places; only its own row tells with which urgency.
  for (const auto priority : {v1::PRIORITY_ROUTINE, v1::PRIORITY_URGENT, v1::PRIORITY_ASAP, v1::PRIORITY_STAT}) {
    const auto entry =
        due.state.find<v1::QueueRow>(TableId::queue, keys::queue(recipient, keys::urgency(priority), key));
    if (!entry) continue;
    const auto delivery = delivery_of(recipient, key, *entry, priority);
    return add_death(due.state, delivery, RefusalCode::delivery_expired, {}, 0, due.context, due.events);
  }
  if (const auto parked = due.state.find<v1::ParkedRow>(TableId::parked, delivery_key)) {
    const auto delivery = delivery_of(recipient, key, parked->entry(), parked->priority());
    return add_death(due.state, delivery, RefusalCode::delivery_expired, {}, 0, due.context, due.events);
  }
  const auto message = due.state.message(message_id);
  base::check(message.has_value(), "an expiry belongs to a message");
  const auto waiting =
      due.state.find<v1::WaitingRow>(TableId::waiting, keys::waiting(recipient, case_of(due.state, *message), key));
  base::check(waiting.has_value(), "a message on its way is in the queue, parked or in line");
  const auto delivery = delivery_of(recipient, key, waiting->entry(), waiting->priority());
  add_death(due.state, delivery, RefusalCode::delivery_expired, {}, 0, due.context, due.events);
}

/// Not everybody has answered the person in time: who asked is told, and who has still to answer.
void rights_due(const Due& due, const keys::DueTimer& timer) {
  const auto case_id = timer.subject.substr(0, base::MessageId::kBytes);
  const auto request_id = timer.subject.substr(base::MessageId::kBytes);
  const auto parcours = due.state.find<v1::CaseRow>(TableId::cases, case_id);
  const auto* request = parcours ? rights_request(*parcours, request_id) : nullptr;
  base::check(request != nullptr, "a request of a person stands in its case");
  auto& reminded = *due.events.emplace_back().mutable_rights_reminded();
  reminded.set_case_id(case_id);
  reminded.set_request_id(request_id);
  reminded.set_next_due_ms(base::to_ms(due.context.now + due.context.rules.remind_every));
  v1::Envelope notice;
  auto& overdue = *notice.mutable_rights_overdue();
  overdue.set_request_id(request_id);
  overdue.set_right(request->right());
  overdue.set_due_ms(request->due_ms());
  const auto asked = due.state.message(request_id);
  base::check(asked.has_value(), "a request of a person is a message");
  notice.set_exercise(asked->exercise());
  std::vector<std::string> told{request->by()};
  for (const auto& reply : request->replies()) {
    if (reply.reply() != v1::RIGHTS_REPLY_UNSPECIFIED) continue;
    overdue.add_institutions(reply.institution());
    told.push_back(reply.institution());
  }
  due.events.push_back(make_case_notice(std::move(notice), case_id, told, 0, due.context));
}

void slot_ends(const Due& due, const keys::DueTimer& timer) {
  auto& over = *due.events.emplace_back().mutable_slot_withdrawn();
  over.set_institution(std::string(keys::institution_at_start(timer.subject)));
  over.set_slot_id(std::string(keys::slot_at_end(timer.subject)));
}

}  // namespace

base::Result<Decision> decide_time(const State& state, const Context& context) {
  Decision decision;
  std::optional<keys::DueTimer> timer;
  const auto end = keys::timer(context.now + base::Milliseconds(1), keys::Timer{}, {});
  state.tables().scan(TableId::timers, {}, end, [&](std::string_view key, std::string_view) {
    timer = keys::read_timer(key);
    return false;
  });
  if (!timer) return decision;
  const Due due{state, context, decision.events};
  switch (timer->kind) {
    case keys::Timer::referral_deadline:
      referral_deadline(due, *timer);
      break;
    case keys::Timer::resume_parked:
      resume_parked(due, *timer);
      break;
    case keys::Timer::hold_ends:
      hold_ends(due, *timer);
      break;
    case keys::Timer::erase_payload:
      erase_payload(due, *timer);
      break;
    case keys::Timer::message_expires:
      message_expires(due, *timer);
      break;
    case keys::Timer::slot_ends:
      slot_ends(due, *timer);
      break;
    case keys::Timer::rights_due:
      rights_due(due, *timer);
      break;
    case keys::Timer::pause_begins:
      decision.events.emplace_back().mutable_pause_began()->set_institution(timer->subject);
      break;
    case keys::Timer::pause_ends:
      decision.events.emplace_back().mutable_institution_resumed()->set_institution(timer->subject);
      break;
  }
  return decision;
}

}  // namespace relais::core
