#include "broker/core/apply_delivery.h"

#include <algorithm>

namespace relais::core {

namespace {

v1::DeliveryRow* delivery_to(v1::MessageRow& row, std::string_view recipient) {
  for (auto& delivery : *row.mutable_deliveries())
    if (delivery.recipient() == recipient) return &delivery;
  base::fail_check("a message row names each recipient", std::source_location::current());
}

/// A message put off for days would grow without end; its first steps and its present state tell enough.
void add_history(v1::MessageRow& row, Position position) {
  constexpr int kHistoryMax = 64;
  if (row.history_size() < kHistoryMax) row.add_history(position);
}

bool is_final(v1::DeliveryState state) {
  return state == v1::DELIVERY_STATE_DELIVERED || state == v1::DELIVERY_STATE_DISCARDED;
}

/// Changes the row of the message, and answers it.
v1::MessageRow note(State& state, const v1::DeliveryRef& delivery, v1::DeliveryState to, const Moment& moment,
                    std::string_view reason) {
  auto row = state.message(delivery.message_id());
  base::check(row.has_value(), "a queued message has a row");
  auto* mine = delivery_to(*row, delivery.recipient());
  mine->set_state(to);
  mine->set_at_position(moment.position);
  mine->set_at_ms(base::to_ms(moment.at));
  mine->set_reason(std::string(reason));
  add_history(*row, moment.position);
  if (to == v1::DELIVERY_STATE_DELIVERED) mine->set_attempts(mine->attempts() + 1);
  return std::move(*row);
}

void put_message(State& state, const v1::DeliveryRef& delivery, const v1::MessageRow& row) {
  state.put(TableId::messages, delivery.message_id(), row);
}

bool all_final(const v1::MessageRow& row) {
  return std::all_of(row.deliveries().begin(), row.deliveries().end(),
                     [](const v1::DeliveryRow& d) { return is_final(d.state()); });
}

/// What every recipient is done with needs its contents no longer, or only for the agreement's retention.
void retire_payload(State& state, const v1::DeliveryRef& delivery, v1::MessageRow& row, const Moment& moment,
                    Observer& observer) {
  if (row.payload_bytes() == 0 || !all_final(row)) return;
  const MessageKey key{row.position(), row.ordinal()};
  if (row.retention_ms() == 0) {
    row.set_payload_bytes(0);
    row.set_contents_erased(true);
    observer.payload_erased(key);
    return;
  }
  const auto due = moment.at + base::Milliseconds(row.retention_ms());
  state.put(TableId::timers, keys::timer(due, keys::Timer::erase_payload, keys::message(key) + delivery.message_id()),
            v1::TimerRow());
}

void make_ready(State& state, std::string_view recipient, v1::Priority priority, MessageKey key,
                const v1::QueueRow& entry, Observer& observer) {
  const auto urgency = keys::urgency(priority);
  state.put(TableId::queue, keys::queue(recipient, urgency, key), entry);
  observer.ready(recipient, urgency, key);
}

/// The head of the case's line is gone: the next one becomes ready.
void advance_line(State& state, std::string_view recipient, std::string_view case_id, Observer& observer) {
  if (case_id.empty()) return;
  const auto line_key = keys::line(recipient, case_id);
  auto line = state.find<v1::LineRow>(TableId::lines, line_key);
  base::check(line.has_value(), "the head of a line has a line");
  if (line->waiting() == 0) {
    state.erase(TableId::lines, line_key);
    return;
  }
  std::string next_key;
  v1::WaitingRow next;
  state.tables().scan(TableId::waiting, line_key, keys::end_of(line_key),
                      [&](std::string_view key, std::string_view value) {
                        next_key = key;
                        next = State::parse<v1::WaitingRow>(value);
                        return false;
                      });
  base::check(!next_key.empty(), "a line that counts waiting messages has one");
  const auto key = keys::message_at_end(next_key);
  state.erase(TableId::waiting, next_key);
  line->set_head_position(key.position);
  line->set_head_ordinal(key.ordinal);
  line->set_waiting(line->waiting() - 1);
  state.put(TableId::lines, line_key, *line);
  make_ready(state, recipient, next.priority(), key, next.entry(), observer);
}

enum class Place { queue, parked, waiting };

/// Takes the message out of where it is.
std::pair<v1::QueueRow, Place> take_out(State& state, const v1::DeliveryRef& delivery, Observer& observer) {
  const auto key = key_of(delivery);
  const auto urgency = keys::urgency(delivery.priority());
  const auto queue_key = keys::queue(delivery.recipient(), urgency, key);
  if (auto entry = state.find<v1::QueueRow>(TableId::queue, queue_key)) {
    state.erase(TableId::queue, queue_key);
    observer.no_longer_ready(delivery.recipient(), urgency, key);
    return {std::move(*entry), Place::queue};
  }
  const auto parked_key = keys::delivery(delivery.recipient(), key);
  if (auto parked = state.find<v1::ParkedRow>(TableId::parked, parked_key)) {
    state.erase(TableId::parked, parked_key);
    state.erase(TableId::timers,
                keys::timer(base::from_ms(parked->until_ms()), keys::Timer::resume_parked, parked_key));
    return {std::move(*parked->mutable_entry()), Place::parked};
  }
  const auto waiting_key = keys::waiting(delivery.recipient(), delivery.case_id(), key);
  auto waiting = state.find<v1::WaitingRow>(TableId::waiting, waiting_key);
  base::check(waiting.has_value(), "a message on its way is in the queue, parked or in line");
  state.erase(TableId::waiting, waiting_key);
  const auto line_key = keys::line(delivery.recipient(), delivery.case_id());
  auto line = state.find<v1::LineRow>(TableId::lines, line_key);
  base::check(line && line->waiting() > 0, "a line counts who waits in it");
  line->set_waiting(line->waiting() - 1);
  state.put(TableId::lines, line_key, *line);
  return {std::move(*waiting->mutable_entry()), Place::waiting};
}

void stop_expiry(State& state, const v1::DeliveryRef& delivery, const v1::QueueRow& entry) {
  if (entry.expires_at_ms() == 0) return;
  state.erase(TableId::timers,
              keys::timer(base::from_ms(entry.expires_at_ms()), keys::Timer::message_expires,
                          keys::delivery(delivery.recipient(), key_of(delivery)) + delivery.message_id()));
}

}  // namespace

MessageKey key_of(const v1::DeliveryRef& delivery) { return {delivery.position(), delivery.ordinal()}; }

void enqueue(State& state, std::string_view recipient, v1::Priority priority, MessageKey key, const v1::QueueRow& entry,
             Line line, Observer& observer) {
  if (entry.expires_at_ms() != 0)
    state.put(TableId::timers,
              keys::timer(base::from_ms(entry.expires_at_ms()), keys::Timer::message_expires,
                          keys::delivery(recipient, key) + entry.message_id()),
              v1::TimerRow());
  if (!entry.case_id().empty()) {
    const auto line_key = keys::line(recipient, entry.case_id());
    auto known = line == Line::is_new ? std::nullopt : state.find<v1::LineRow>(TableId::lines, line_key);
    if (known) {
      known->set_waiting(known->waiting() + 1);
      state.put(TableId::lines, line_key, *known);
      v1::WaitingRow row;
      *row.mutable_entry() = entry;
      row.set_priority(priority);
      state.put(TableId::waiting, keys::waiting(recipient, entry.case_id(), key), row);
      return;
    }
    v1::LineRow head;
    head.set_head_position(key.position);
    head.set_head_ordinal(key.ordinal);
    state.put(TableId::lines, line_key, head);
  }
  make_ready(state, recipient, priority, key, entry, observer);
}

void deliver_also(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer) {
  auto row = state.message(delivery.message_id());
  base::check(row.has_value(), "a message handed on has a row");
  auto& added = *row->add_deliveries();
  added.set_recipient(delivery.recipient());
  added.set_state(v1::DELIVERY_STATE_QUEUED);
  added.set_at_position(moment.position);
  added.set_at_ms(base::to_ms(moment.at));
  add_history(*row, moment.position);
  put_message(state, delivery, *row);
  v1::QueueRow entry;
  entry.set_message_id(delivery.message_id());
  entry.set_case_id(delivery.case_id());
  entry.set_bytes(row->payload_bytes() + kEnvelopeBytesUsual);
  enqueue(state, delivery.recipient(), delivery.priority(), key_of(delivery), entry, Line::may_be_there, observer);
  change_counts(state, delivery.recipient(), row->exercise(),
                [](v1::Counts& counts) { counts.set_queued(counts.queued() + 1); });
}

void settle(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer) {
  const auto [entry, place] = take_out(state, delivery, observer);
  stop_expiry(state, delivery, entry);
  auto row = note(state, delivery, v1::DELIVERY_STATE_DELIVERED, moment, {});
  retire_payload(state, delivery, row, moment, observer);
  put_message(state, delivery, row);
  change_counts(state, delivery.recipient(), row.exercise(), [was_parked = place == Place::parked](v1::Counts& counts) {
    if (was_parked)
      counts.set_parked(counts.parked() - 1);
    else
      counts.set_queued(counts.queued() - 1);
    counts.set_delivered(counts.delivered() + 1);
  });
  if (place != Place::waiting) advance_line(state, delivery.recipient(), delivery.case_id(), observer);
}

void park(State& state, const v1::DeliveryParked& event, const Moment& moment, Observer& observer) {
  const auto& delivery = event.delivery();
  v1::ParkedRow parked;
  *parked.mutable_entry() = take_out(state, delivery, observer).first;
  parked.mutable_entry()->set_attempts(event.attempts());
  parked.set_priority(delivery.priority());
  parked.set_until_ms(event.until_ms());
  parked.set_reason(event.reason());
  const auto key = keys::delivery(delivery.recipient(), key_of(delivery));
  state.put(TableId::parked, key, parked);
  state.put(TableId::timers, keys::timer(base::from_ms(event.until_ms()), keys::Timer::resume_parked, key),
            v1::TimerRow());
  auto row = note(state, delivery, v1::DELIVERY_STATE_PARKED, moment, event.reason());
  delivery_to(row, delivery.recipient())->set_attempts(event.attempts());
  put_message(state, delivery, row);
  change_counts(state, delivery.recipient(), row.exercise(), [](v1::Counts& counts) {
    counts.set_queued(counts.queued() - 1);
    counts.set_parked(counts.parked() + 1);
  });
}

void resume(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer) {
  const auto [entry, place] = take_out(state, delivery, observer);
  base::check(place == Place::parked, "only a parked message resumes");
  make_ready(state, delivery.recipient(), delivery.priority(), key_of(delivery), entry, observer);
  const auto row = note(state, delivery, v1::DELIVERY_STATE_QUEUED, moment, {});
  put_message(state, delivery, row);
  change_counts(state, delivery.recipient(), row.exercise(), [](v1::Counts& counts) {
    counts.set_parked(counts.parked() - 1);
    counts.set_queued(counts.queued() + 1);
  });
}

void bury(State& state, const v1::DeliveryDead& event, const Moment& moment, Observer& observer) {
  const auto& delivery = event.delivery();
  const auto [entry, place] = take_out(state, delivery, observer);
  stop_expiry(state, delivery, entry);
  const auto row = note(state, delivery, v1::DELIVERY_STATE_DEAD, moment, event.reason());
  put_message(state, delivery, row);
  v1::DeadLetterRow dead;
  *dead.mutable_entry() = entry;
  dead.mutable_entry()->set_expires_at_ms(0);  // when it is put back, it was a person's decision
  dead.set_priority(delivery.priority());
  dead.set_reason(event.reason());
  dead.set_detail(event.detail());
  dead.set_at_ms(base::to_ms(moment.at));
  dead.set_sender(row.sender());
  dead.set_exercise(row.exercise());
  state.put(TableId::dead_letters, keys::delivery(delivery.recipient(), key_of(delivery)), dead);
  change_counts(state, delivery.recipient(), row.exercise(), [was_parked = place == Place::parked](v1::Counts& counts) {
    if (was_parked)
      counts.set_parked(counts.parked() - 1);
    else
      counts.set_queued(counts.queued() - 1);
    counts.set_dead(counts.dead() + 1);
  });
  if (place != Place::waiting) advance_line(state, delivery.recipient(), delivery.case_id(), observer);
}

void requeue(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer) {
  const auto key = keys::delivery(delivery.recipient(), key_of(delivery));
  auto dead = state.find<v1::DeadLetterRow>(TableId::dead_letters, key);
  base::check(dead.has_value(), "a requeued dead letter is there");
  state.erase(TableId::dead_letters, key);
  dead->mutable_entry()->set_attempts(0);
  enqueue(state, delivery.recipient(), dead->priority(), key_of(delivery), dead->entry(), Line::may_be_there, observer);
  put_message(state, delivery, note(state, delivery, v1::DELIVERY_STATE_QUEUED, moment, {}));
  change_counts(state, delivery.recipient(), dead->exercise(), [](v1::Counts& counts) {
    counts.set_dead(counts.dead() - 1);
    counts.set_queued(counts.queued() + 1);
  });
}

void discard(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer) {
  const auto key = keys::delivery(delivery.recipient(), key_of(delivery));
  const auto dead = state.find<v1::DeadLetterRow>(TableId::dead_letters, key);
  base::check(dead.has_value(), "a discarded dead letter is there");
  state.erase(TableId::dead_letters, key);
  auto row = note(state, delivery, v1::DELIVERY_STATE_DISCARDED, moment, dead->reason());
  retire_payload(state, delivery, row, moment, observer);
  put_message(state, delivery, row);
  change_counts(state, delivery.recipient(), dead->exercise(), [](v1::Counts& counts) {
    counts.set_dead(counts.dead() - 1);
    counts.set_discarded(counts.discarded() + 1);
  });
}

void end_retention(State& state, std::string_view message_id) {
  auto row = state.message(message_id);
  base::check(row.has_value(), "contents belong to a message");
  row->set_retention_ms(0);
  row->set_contents_erased(true);
  state.put(TableId::messages, message_id, *row);
}

void erase_payload(State& state, MessageKey key, std::string_view message_id, Observer& observer) {
  auto row = state.message(message_id);
  base::check(row.has_value(), "an erased payload belongs to a message");
  if (row->payload_bytes() == 0 || !all_final(*row)) return;
  row->set_payload_bytes(0);
  row->set_contents_erased(true);
  state.put(TableId::messages, message_id, *row);
  observer.payload_erased(key);
}

}  // namespace relais::core
