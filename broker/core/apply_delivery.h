// The queues, lines, parked messages and dead letters of one recipient: how apply() moves a message between them.
//
// A message is in exactly one place: ready in the queue, in line behind the head of its case, parked until its next
// attempt, or among the dead letters; once delivered or discarded it is in none.
#pragma once

#include <string_view>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

struct Moment {
  Position position = 0;
  base::Instant at{};
};

MessageKey key_of(const v1::DeliveryRef& delivery);

/// Changes one institution's counts in place, the real or the exercise half.
template <class Change>
void change_counts(State& state, std::string_view institution, bool exercise, Change&& change) {
  auto& counts = state.counts_to_change(institution);
  change(exercise ? *counts.mutable_exercise() : *counts.mutable_real());
}

/// Whether a message may find others of its case on their way to the same recipient.
enum class Line : bool { is_new, may_be_there };

/// A new message for `recipient`: ready, or in line when its case has an earlier one on the way there.
void enqueue(State& state, std::string_view recipient, v1::Priority priority, MessageKey key, const v1::QueueRow& entry,
             Line line, Observer& observer);

/// A message that is known already enters the queue of one more recipient. Its envelope is the store's to know: the
/// credit of that delivery counts this much for it.
inline constexpr std::uint64_t kEnvelopeBytesUsual = 1024;
void deliver_also(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer);

void settle(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer);
void park(State& state, const v1::DeliveryParked& event, const Moment& moment, Observer& observer);
void resume(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer);
void bury(State& state, const v1::DeliveryDead& event, const Moment& moment, Observer& observer);
void requeue(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer);
void discard(State& state, const v1::DeliveryRef& delivery, const Moment& moment, Observer& observer);
/// The contents' time is over. Where somebody still waits for them they stay, and their time begins anew when that
/// delivery has ended.
/// Its contents go with its last delivery.
void end_retention(State& state, std::string_view message_id);
void erase_payload(State& state, MessageKey key, std::string_view message_id, Observer& observer);

}  // namespace relais::core
