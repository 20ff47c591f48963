// What happens because time passes: one timer at a time, and its events remove it, so none goes off twice.
#include "broker/base/ids.h"
#include "broker/core/apply_delivery.h"
#include "broker/core/decide_parts.h"
#include "broker/core/message_kinds.h"
#include "broker/core/notice.h"
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

void referral_deadline(const Due& due, const keys::DueTimer& timer) {
  const auto referral = due.state.referral(timer.subject);
  base::check(referral.has_value(), "a deadline belongs to a referral");
  v1::Envelope notice;
  if (const auto expired = next_status(referral->status(), Body::kReferralExpired)) {
    notice.mutable_referral_expired()->set_deadline_ms(referral->deadline_ms());
    due.events.push_back(move_to(*expired, timer.subject, *referral, 0, due.state, due.context));
    cancel_open_appointments(*referral, due.state, due.events);
  } else {
    notice.mutable_deadline_missed()->set_deadline_ms(referral->deadline_ms());
    notice.mutable_deadline_missed()->set_holder(referral->holder());
    auto& passed = *due.events.emplace_back().mutable_deadline_passed();
    passed.set_referral_id(timer.subject);
    passed.set_deadline_ms(referral->deadline_ms());
    passed.set_next_deadline_ms(base::to_ms(due.context.now + due.context.rules.remind_every));
  }
  due.events.push_back(make_notice(std::move(notice), timer.subject, *referral, both_sides(*referral), 0, due.context));
}

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
      make_notice(std::move(notice), appointment->referral_id(), *referral, both_sides(*referral), 0, due.context));
}

void erase_payload(const Due& due, const keys::DueTimer& timer) {
  const auto key = keys::read_message(std::string_view(timer.subject).substr(0, 12));
  auto& erased = *due.events.emplace_back().mutable_payload_erased();
  erased.set_position(key.position);
  erased.set_ordinal(key.ordinal);
  erased.set_message_id(timer.subject.substr(12));
  erased.set_due_ms(base::to_ms(timer.due));
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
  const auto referral = due.state.referral(message->referral_id());
  base::check(referral.has_value(), "a message belongs to a referral");
  const auto waiting =
      due.state.find<v1::WaitingRow>(TableId::waiting, keys::waiting(recipient, referral->case_id(), key));
  base::check(waiting.has_value(), "a message on its way is in the queue, parked or in line");
  const auto delivery = delivery_of(recipient, key, waiting->entry(), waiting->priority());
  add_death(due.state, delivery, RefusalCode::delivery_expired, {}, 0, due.context, due.events);
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
  }
  return decision;
}

}  // namespace relais::core
