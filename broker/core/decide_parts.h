// The parts of decide(), one for each family of commands. Only decide.cpp calls them.
#pragma once

#include "broker/core/decide.h"

namespace relais::core {

base::Result<Decision> decide_submit(const State& state, const Submission& submission, const Context& context);

base::Result<Decision> decide_acknowledge(const State& state, const AcknowledgeDeliveries& command,
                                          const Context& context);
base::Result<Decision> decide_retry(const State& state, const RetryDelivery& command, const Context& context);
base::Result<Decision> decide_reject(const State& state, const RejectDelivery& command, const Context& context);

base::Result<Decision> decide_time(const State& state, const Context& context);

base::Result<Decision> decide_network(const State& state, const ApplyNetwork& command, const Context& context);
base::Result<Decision> decide_requeue(const State& state, const RequeueDeadLetter& command, const Context& context);
base::Result<Decision> decide_discard(const State& state, const DiscardDeadLetter& command, const Context& context);
base::Result<Decision> decide_note(const NoteAction& command);
base::Result<Decision> decide_test(const State& state, const TestConnections& command, const Context& context);

base::Result<Decision> decide_pause(const State& state, const PauseInstitution& command, const Context& context);
base::Result<Decision> decide_resume(const State& state, const ResumeInstitution& command);

/// What every operator's command is asked first, and the event that stands before its others.
base::Status check_operator(const Operator& by);
v1::Event acted(const Operator& by, std::string_view action);

/// The events by which a delivery ends among the dead letters and its sender is told. `ordinal` is that of the first
/// notice in the record.
void add_death(const State& state, const v1::DeliveryRef& delivery, base::RefusalCode reason, std::string_view detail,
               std::uint32_t ordinal, const Context& context, std::vector<v1::Event>& events);

}  // namespace relais::core
