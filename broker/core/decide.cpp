#include "broker/core/decide.h"

#include <algorithm>

#include "broker/core/decide_parts.h"

namespace relais::core {

namespace {
template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;
}  // namespace

base::Result<Decision> decide(const State& state, const Command& command, const Context& context) {
  return std::visit(Overloaded{
                        [&](const SubmitMessage& c) { return decide_submit(state, c.submission, context); },
                        [&](const AcknowledgeDeliveries& c) { return decide_acknowledge(state, c, context); },
                        [&](const RetryDelivery& c) { return decide_retry(state, c, context); },
                        [&](const RejectDelivery& c) { return decide_reject(state, c, context); },
                        [&](const PassTime&) { return decide_time(state, context); },
                        [&](const ApplyNetwork& c) { return decide_network(state, c, context); },
                        [&](const RequeueDeadLetter& c) { return decide_requeue(state, c, context); },
                        [&](const DiscardDeadLetter& c) { return decide_discard(state, c, context); },
                        [&](const NoteAction& c) { return decide_note(c); },
                        [&](const TestConnections& c) { return decide_test(state, c, context); },
                        [&](const PauseInstitution& c) { return decide_pause(state, c, context); },
                        [&](const ResumeInstitution& c) { return decide_resume(state, c); },
                    },
                    command);
}

base::Milliseconds retry_pause(std::uint32_t attempts, base::Milliseconds after, const Rules& rules) {
  constexpr std::uint32_t kAtTheirPace = 12;
  if (after.count() > 0 && attempts <= kAtTheirPace) return std::min(after, rules.retry_most);
  const auto counted = after.count() > 0 ? attempts - kAtTheirPace : attempts;
  auto pause = rules.retry_first;
  for (std::uint32_t i = 1; i < counted && pause < rules.retry_most; ++i) pause *= 2;
  return std::min(std::max(pause, after), rules.retry_most);
}

}  // namespace relais::core
