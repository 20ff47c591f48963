// What becomes of a delivery: acknowledged, put off, or given up and its sender told.
#include <algorithm>

#include "broker/base/ids.h"
#include "broker/core/acting.h"
#include "broker/core/apply_delivery.h"
#include "broker/core/decide_parts.h"
#include "broker/core/envelope_check.h"
#include "broker/core/message_kinds.h"
#include "broker/core/notice.h"
#include "broker/core/referral_moves.h"
#include "broker/core/referral_rules.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;

/// The queue entry of a delivery that is ready or being delivered.
std::optional<v1::QueueRow> queued(const State& state, const v1::DeliveryRef& delivery) {
  return state.find<v1::QueueRow>(
      TableId::queue, keys::queue(delivery.recipient(), keys::urgency(delivery.priority()), key_of(delivery)));
}

base::Refusal unknown(const v1::DeliveryRef& delivery) {
  return refuse(RefusalCode::delivery_unknown, {},
                {{"recipient", delivery.recipient()}, {"message", base::id_text(delivery.message_id())}});
}

}  // namespace

void add_death(const State& state, const v1::DeliveryRef& delivery, base::RefusalCode reason, std::string_view detail,
               std::uint32_t ordinal, const Context& context, std::vector<v1::Event>& events) {
  auto& dead = *events.emplace_back().mutable_delivery_dead();
  *dead.mutable_delivery() = delivery;
  dead.set_reason(std::string(base::info(reason).name));
  dead.set_detail(std::string(detail));
  const auto message = state.message(delivery.message_id());
  base::check(message.has_value(), "a dying message has a row");
  if (message->sender() == kBrokerId) return;  // the operator's list is where a lost notice is seen
  v1::Envelope notice;
  auto& failed = *notice.mutable_delivery_failed();
  failed.set_message_id(delivery.message_id());
  failed.set_recipient(delivery.recipient());
  failed.set_reason(std::string(base::info(reason).name));
  if (message->referral_id().empty()) {
    events.push_back(make_case_notice(std::move(notice), message->case_id(), {message->sender()}, ordinal, context));
    return;
  }
  const auto referral = state.referral(message->referral_id());
  base::check(referral.has_value(), "a message that names a referral belongs to one");
  const auto& principal = referral->principal();
  const bool own_copy = delivery.recipient() == principal;
  std::vector<std::string> told{message->sender()};
  if (!principal.empty() && !own_copy && message->sender() == referral->sender()) told.push_back(principal);
  events.push_back(make_notice(std::move(notice), message->referral_id(), *referral, told, ordinal, context));
  // A request that can not arrive leaves the referral with the one who answers for it.
  const bool request = message->kind() == static_cast<std::uint32_t>(Body::kReferralRequested);
  const auto& asker = accountable_sender(*referral);
  if (!request || own_copy || is_terminal(referral->status()) || referral->holder() == asker) return;
  auto& moved = *events.emplace_back().mutable_referral_moved();
  moved.set_referral_id(message->referral_id());
  moved.set_status(referral->status());
  moved.set_holder(asker);
  moved.set_deadline_ms(referral->deadline_ms());
  moved.set_step(step_of(*referral));
}

Result<Decision> decide_acknowledge(const State& state, const AcknowledgeDeliveries& command, const Context&) {
  Decision decision;
  auto& settled = *decision.events.emplace_back().mutable_delivery_settled();
  for (const auto& delivery : command.deliveries)
    if (queued(state, delivery)) *settled.add_deliveries() = delivery;
  if (settled.deliveries().empty()) return refuse(RefusalCode::delivery_unknown);
  return decision;
}

Result<Decision> decide_retry(const State& state, const RetryDelivery& command, const Context& context) {
  const auto entry = queued(state, command.delivery);
  if (!entry) return unknown(command.delivery);
  const auto attempts = entry->attempts() + 1;
  Decision decision;
  if (attempts >= context.rules.attempts_max) {
    add_death(state, command.delivery, RefusalCode::delivery_too_many_attempts, command.reason, 0, context,
              decision.events);
    return decision;
  }
  auto& parked = *decision.events.emplace_back().mutable_delivery_parked();
  *parked.mutable_delivery() = command.delivery;
  parked.set_attempts(attempts);
  parked.set_until_ms(base::to_ms(context.now + retry_pause(attempts, command.after, context.rules)));
  parked.set_reason(is_code(command.reason) ? command.reason : "unspecified");
  return decision;
}

Result<Decision> decide_reject(const State& state, const RejectDelivery& command, const Context& context) {
  if (!queued(state, command.delivery)) return unknown(command.delivery);
  Decision decision;
  add_death(state, command.delivery, RefusalCode::delivery_rejected,
            is_code(command.reason) ? command.reason : "unspecified", 0, context, decision.events);
  return decision;
}

}  // namespace relais::core
