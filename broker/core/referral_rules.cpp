#include "broker/core/referral_rules.h"

#include "broker/core/appointment_moves.h"
#include "broker/core/referral_moves.h"

namespace relais::core {

namespace {

enum class Step { decide, complete, acknowledge };

const v1::Term* term_of(const v1::DeadlineRule& rule, Step step) {
  switch (step) {
    case Step::decide:
      return rule.has_decide_within() ? &rule.decide_within() : nullptr;
    case Step::complete:
      return rule.has_complete_within() ? &rule.complete_within() : nullptr;
    case Step::acknowledge:
      return rule.has_acknowledge_within() ? &rule.acknowledge_within() : nullptr;
  }
  return nullptr;
}

base::Milliseconds usual(Step step, const Rules& rules) {
  if (step == Step::decide) return rules.decide_within;
  return step == Step::complete ? rules.complete_within : rules.acknowledge_within;
}

/// The end of a step that begins now: as the agreement says, or else after the broker's own time.
std::int64_t end_ms(Step step, std::string_view agreement_id, v1::Priority priority, const State& state,
                    const Context& context) {
  const auto* directory = state.directory();
  const auto* agreement = directory == nullptr ? nullptr : directory->agreement(agreement_id);
  const auto* rule = agreement == nullptr ? nullptr : Directory::deadlines(*agreement, priority);
  const auto* term = rule == nullptr ? nullptr : term_of(*rule, step);
  return base::to_ms(term == nullptr ? context.now + usual(step, context.rules)
                                     : directory->end_of(*term, *agreement, context.now));
}

/// The sender answers until the recipient's software holds the referral, and again once there is an outcome to take
/// note of; in between it is the recipient.
std::string holder_in(v1::ReferralStatus status, const v1::ReferralRow& referral) {
  return status == v1::REFERRAL_STATUS_REQUESTED || is_terminal(status) ? referral.sender() : referral.recipient();
}

std::int64_t deadline_in(v1::ReferralStatus status, const v1::ReferralRow& referral, const State& state,
                         const Context& context) {
  if (status == v1::REFERRAL_STATUS_REQUESTED || status == v1::REFERRAL_STATUS_RECEIVED) return referral.deadline_ms();
  // Work that was held and goes on again keeps the deadline it had, if that is still to come.
  if (status == v1::REFERRAL_STATUS_IN_PROGRESS && referral.status() == v1::REFERRAL_STATUS_ACCEPTED)
    return referral.deadline_ms();
  const auto step = is_terminal(status) ? Step::acknowledge : Step::complete;
  return end_ms(step, referral.agreement(), referral.priority(), state, context);
}

}  // namespace

v1::Event move_to(v1::ReferralStatus status, std::string_view referral_id, const v1::ReferralRow& referral,
                  std::int64_t named_deadline_ms, const State& state, const Context& context) {
  v1::Event event;
  auto& moved = *event.mutable_referral_moved();
  moved.set_referral_id(std::string(referral_id));
  moved.set_status(status);
  moved.set_holder(holder_in(status, referral));
  moved.set_deadline_ms(named_deadline_ms != 0 ? named_deadline_ms : deadline_in(status, referral, state, context));
  return event;
}

std::int64_t decision_deadline_ms(const v1::Agreement& agreement, v1::Priority priority, const State& state,
                                  const Context& context) {
  return end_ms(Step::decide, agreement.id(), priority, state, context);
}

void cancel_open_appointments(const v1::ReferralRow& referral, const State& state, std::vector<v1::Event>& events) {
  for (const auto& id : referral.appointments()) {
    const auto appointment = state.find<v1::AppointmentRow>(TableId::appointments, id);
    base::check(appointment.has_value(), "a referral lists appointments that exist");
    if (is_terminal(appointment->status())) continue;
    auto& moved = *events.emplace_back().mutable_appointment_moved();
    moved.set_appointment_id(id);
    moved.set_referral_id(appointment->referral_id());
    moved.set_status(v1::APPOINTMENT_STATUS_CANCELLED);
    *moved.mutable_meeting() = appointment->meeting();
    moved.set_proposed_by(appointment->proposed_by());
  }
}

}  // namespace relais::core
