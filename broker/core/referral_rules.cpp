#include "broker/core/referral_rules.h"

#include "broker/core/acting.h"
#include "broker/core/appointment_moves.h"
#include "broker/core/notice.h"
#include "broker/core/parcours.h"
#include "broker/core/referral_moves.h"

namespace relais::core {

namespace {

using Step = v1::DeadlineStep;

const v1::Term* term_of(const v1::DeadlineRule& rule, Step step) {
  switch (step) {
    case v1::DEADLINE_STEP_RECEIVE:
      return rule.has_receive_within() ? &rule.receive_within() : nullptr;
    case v1::DEADLINE_STEP_DECIDE:
      return rule.has_decide_within() ? &rule.decide_within() : nullptr;
    case v1::DEADLINE_STEP_FIRST_APPOINTMENT:
      return rule.has_first_appointment_within() ? &rule.first_appointment_within() : nullptr;
    case v1::DEADLINE_STEP_COMPLETE:
      return rule.has_complete_within() ? &rule.complete_within() : nullptr;
    case v1::DEADLINE_STEP_ACKNOWLEDGE:
      return rule.has_acknowledge_within() ? &rule.acknowledge_within() : nullptr;
    default:
      return nullptr;
  }
}

/// The broker's own time, for the steps that every referral has.
std::optional<base::Milliseconds> usual(Step step, const Rules& rules) {
  switch (step) {
    case v1::DEADLINE_STEP_DECIDE:
      return rules.decide_within;
    case v1::DEADLINE_STEP_COMPLETE:
      return rules.complete_within;
    case v1::DEADLINE_STEP_ACKNOWLEDGE:
      return rules.acknowledge_within;
    default:
      return std::nullopt;
  }
}

/// The end of a step that begins now: as the agreement says, or else after the broker's own time; 0 when neither names
/// one.
std::int64_t end_ms(Step step, const v1::Agreement* agreement, v1::Priority priority, const State& state,
                    const Context& context) {
  const auto* rule = agreement == nullptr ? nullptr : Directory::deadlines(*agreement, priority);
  const auto* term = rule == nullptr ? nullptr : term_of(*rule, step);
  if (term != nullptr) return base::to_ms(state.directory()->end_of(*term, *agreement, context.now));
  const auto time = usual(step, context.rules);
  return time ? base::to_ms(context.now + *time) : 0;
}

const v1::Agreement* agreement_of(const v1::ReferralRow& referral, const State& state) {
  return state.directory() == nullptr ? nullptr : state.directory()->agreement(referral.agreement());
}

/// The asking side answers until the recipient's software holds the referral, and again once there is an outcome to
/// take note of; in between it is the recipient, or of a team the member that must act.
std::string holder_in(v1::ReferralStatus status, const v1::ReferralRow& referral) {
  return status == v1::REFERRAL_STATUS_REQUESTED || is_terminal(status) ? accountable_sender(referral)
         : referral.member().empty()                                    ? referral.recipient()
                                                                        : referral.member();
}

void set_step(v1::ReferralMoved& moved, Step step, std::int64_t deadline_ms) {
  moved.set_step(step);
  moved.set_deadline_ms(deadline_ms);
}

/// Accepted: an outcome is due, and before it a first appointment where the agreement asks for one.
void begin_work(v1::ReferralMoved& moved, const v1::ReferralRow& referral, const State& state, const Context& context) {
  const auto* agreement = agreement_of(referral, state);
  const auto complete_by = end_ms(v1::DEADLINE_STEP_COMPLETE, agreement, referral.priority(), state, context);
  const auto meet_by = end_ms(v1::DEADLINE_STEP_FIRST_APPOINTMENT, agreement, referral.priority(), state, context);
  moved.set_complete_by_ms(complete_by);
  if (meet_by != 0 && meet_by < complete_by && !referral.met())
    set_step(moved, v1::DEADLINE_STEP_FIRST_APPOINTMENT, meet_by);
  else
    set_step(moved, v1::DEADLINE_STEP_COMPLETE, complete_by);
}

}  // namespace

FirstStep first_step(const v1::Agreement& agreement, v1::Priority priority, const State& state,
                     const Context& context) {
  const auto decide_by = end_ms(v1::DEADLINE_STEP_DECIDE, &agreement, priority, state, context);
  const auto receive_by = end_ms(v1::DEADLINE_STEP_RECEIVE, &agreement, priority, state, context);
  if (receive_by != 0 && receive_by < decide_by) return {v1::DEADLINE_STEP_RECEIVE, receive_by, decide_by};
  return {v1::DEADLINE_STEP_DECIDE, decide_by, decide_by};
}

v1::DeadlineStep step_of(const v1::ReferralRow& referral) {
  if (referral.step() != v1::DEADLINE_STEP_UNSPECIFIED) return referral.step();
  // A row written before steps had names.
  if (is_terminal(referral.status())) return v1::DEADLINE_STEP_ACKNOWLEDGE;
  const bool undecided =
      referral.status() == v1::REFERRAL_STATUS_REQUESTED || referral.status() == v1::REFERRAL_STATUS_RECEIVED;
  return undecided ? v1::DEADLINE_STEP_DECIDE : v1::DEADLINE_STEP_COMPLETE;
}

v1::Event move_to(v1::ReferralStatus status, std::string_view referral_id, const v1::ReferralRow& referral,
                  std::int64_t named_deadline_ms, const State& state, const Context& context) {
  v1::Event event;
  auto& moved = *event.mutable_referral_moved();
  moved.set_referral_id(std::string(referral_id));
  moved.set_status(status);
  moved.set_holder(holder_in(status, referral));
  if (is_terminal(status))
    set_step(moved, v1::DEADLINE_STEP_ACKNOWLEDGE,
             end_ms(v1::DEADLINE_STEP_ACKNOWLEDGE, agreement_of(referral, state), referral.priority(), state, context));
  else if (named_deadline_ms != 0)
    set_step(moved, v1::DEADLINE_STEP_COMPLETE, named_deadline_ms);
  else if (status == v1::REFERRAL_STATUS_RECEIVED)
    set_step(moved, v1::DEADLINE_STEP_DECIDE,
             referral.decide_by_ms() != 0 ? referral.decide_by_ms() : referral.deadline_ms());
  else if (status == v1::REFERRAL_STATUS_IN_PROGRESS && referral.status() == v1::REFERRAL_STATUS_ACCEPTED)
    set_step(moved, step_of(referral), referral.deadline_ms());  // work that begins keeps the deadline it had
  else
    begin_work(moved, referral, state, context);
  return event;
}

std::optional<Successor> successor(const v1::ReferralRow& referral, const State& state, const Context& context,
                                   std::vector<std::string>& skipped) {
  if (state.directory() == nullptr) return std::nullopt;
  // The person had what was shared erased, or nobody looked for so long that it outlived its retention.
  const auto request = state.message(referral.request_id());
  if (request && request->contents_erased()) return std::nullopt;
  const auto parcours = state.find<v1::CaseRow>(TableId::cases, referral.case_id());
  for (const auto& institution : referral.fallbacks()) {
    const auto coverage =
        state.directory()->coverage(accountable_sender(referral), institution, referral.purpose(), context.now);
    if (coverage.kind == Coverage::Kind::valid &&
        check_consent(*coverage.agreement, referral.purpose(), parcours ? &*parcours : nullptr, context.now))
      return Successor{institution, coverage.agreement};
    skipped.push_back(institution);
  }
  return std::nullopt;
}

v1::DeliveryRef request_to(const std::string& recipient, const v1::ReferralRow& referral,
                           const v1::MessageRow& request) {
  v1::DeliveryRef delivery;
  delivery.set_recipient(recipient);
  delivery.set_position(request.position());
  delivery.set_ordinal(request.ordinal());
  delivery.set_message_id(referral.request_id());
  delivery.set_case_id(referral.case_id());
  delivery.set_priority(referral.priority());
  return delivery;
}

std::vector<std::string> cancel_open_appointments(const v1::ReferralRow& referral, const State& state,
                                                  std::vector<v1::Event>& events) {
  std::vector<std::string> cancelled;
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
    cancelled.push_back(id);
  }
  return cancelled;
}

void tell_cancelled(const std::vector<std::string>& appointments, std::string_view referral_id,
                    const v1::ReferralRow& referral, std::uint32_t ordinal, const Context& context,
                    std::vector<v1::Event>& events) {
  for (const auto& id : appointments) {
    v1::Envelope notice;
    notice.set_appointment_id(id);
    notice.mutable_appointment_cancelled()->set_by(v1::CANCELLED_BY_BROKER);
    notice.mutable_appointment_cancelled()->set_reason(v1::CANCELLATION_REASON_REFERRAL_ENDED);
    events.push_back(make_notice(std::move(notice), referral_id, referral, all_sides(referral), ordinal++, context));
  }
}

}  // namespace relais::core
