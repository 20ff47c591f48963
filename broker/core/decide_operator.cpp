// What an operator does. Every action has a name and a reason, and stands in the journal.
#include "broker/core/apply_delivery.h"
#include "broker/core/decide_parts.h"
#include "broker/core/network_trial.h"
#include "broker/core/notice.h"
#include "broker/core/parcours.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;

/// The delivery as the dead letter knows it: the caller names recipient and key only.
Result<v1::DeliveryRef> dead_letter(const State& state, const v1::DeliveryRef& named) {
  const auto row =
      state.find<v1::DeadLetterRow>(TableId::dead_letters, keys::delivery(named.recipient(), key_of(named)));
  if (!row) return refuse(RefusalCode::dead_letter_unknown);
  auto delivery = named;
  delivery.set_message_id(row->entry().message_id());
  delivery.set_case_id(row->entry().case_id());
  delivery.set_priority(row->priority());
  return delivery;
}

/// What a person withdrew is not sent again either.
base::Status check_consent_now(const State& state, const v1::DeliveryRef& delivery, const Context& context) {
  const auto message = state.message(delivery.message_id());
  if (!message || message->payload_bytes() == 0 || state.directory() == nullptr) return base::Done{};
  const auto& directory = *state.directory();
  const auto referral = state.referral(message->referral_id());
  const auto& purpose = referral ? referral->purpose() : message->purpose();
  const v1::Agreement* agreement = nullptr;
  if (referral)
    agreement = directory.agreement(referral->agreement());
  else if (const auto between =
               directory.agreement_between(message->sender(), delivery.recipient(), purpose, context.now))
    agreement = *between;
  if (agreement == nullptr) return base::Done{};
  const auto parcours = state.find<v1::CaseRow>(TableId::cases, referral ? referral->case_id() : message->case_id());
  return check_consent(*agreement, purpose, parcours ? &*parcours : nullptr, context.now);
}

}  // namespace

base::Status check_operator(const Operator& by) {
  if (by.name.empty() || by.reason.empty())
    return refuse(RefusalCode::operator_reason_missing, by.name.empty() ? "operator" : "reason");
  return base::Done{};
}

v1::Event acted(const Operator& by, std::string_view action) {
  v1::Event event;
  event.mutable_operator_acted()->set_operator_(by.name);
  event.mutable_operator_acted()->set_action(std::string(action));
  event.mutable_operator_acted()->set_reason(by.reason);
  return event;
}

Result<Decision> decide_network(const State& state, const ApplyNetwork& command, const Context& context) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  std::optional<std::uint64_t> present;
  if (state.directory() != nullptr) present = state.directory()->definition().version();
  const auto trial = try_network(command.network, context.rules.authority, present);
  if (!trial) return trial.refusal();
  if (auto said = trial->verdict(); !said) return said.refusal();
  Decision decision;
  decision.events.push_back(acted(command.by, "network.apply"));
  *decision.events.emplace_back().mutable_network_applied()->mutable_network() = command.network;
  return decision;
}

Result<Decision> decide_requeue(const State& state, const RequeueDeadLetter& command, const Context& context) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  const auto delivery = dead_letter(state, command.delivery);
  if (!delivery) return delivery.refusal();
  if (auto said = check_consent_now(state, *delivery, context); !said) return said.refusal();
  Decision decision;
  decision.events.push_back(acted(command.by, "dead_letter.requeue"));
  *decision.events.emplace_back().mutable_dead_letter_requeued()->mutable_delivery() = *delivery;
  return decision;
}

Result<Decision> decide_discard(const State& state, const DiscardDeadLetter& command, const Context&) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  const auto delivery = dead_letter(state, command.delivery);
  if (!delivery) return delivery.refusal();
  Decision decision;
  decision.events.push_back(acted(command.by, "dead_letter.discard"));
  *decision.events.emplace_back().mutable_dead_letter_discarded()->mutable_delivery() = *delivery;
  return decision;
}

Result<Decision> decide_note(const NoteAction& command) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  Decision decision;
  decision.events.push_back(acted(command.by, command.action));
  decision.events.back().mutable_operator_acted()->set_account(command.account);
  return decision;
}

Result<Decision> decide_test(const State& state, const TestConnections& command, const Context& context) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  if (state.directory() == nullptr) return refuse(RefusalCode::network_none);
  if (command.institutions.empty())
    return refuse(RefusalCode::input_invalid, "institutions", {{"why", "at least one institution"}});
  for (std::size_t i = 0; i < command.institutions.size(); ++i)
    if (state.directory()->institution(command.institutions[i]) == nullptr)
      return refuse(RefusalCode::identity_unknown, "institutions[" + std::to_string(i) + "]",
                    {{"institution", command.institutions[i]}});
  Decision decision;
  decision.events.push_back(acted(command.by, "connection.test"));
  v1::Envelope test;
  test.mutable_connection_tested();
  test.set_exercise(true);
  decision.events.push_back(make_case_notice(std::move(test), {}, command.institutions, 0, context));
  return decision;
}

}  // namespace relais::core
