// Pausing an institution for a maintenance that it announced, and going on.
#include "broker/base/time_text.h"
#include "broker/core/decide_parts.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;

/// When the pause begins. One that is in force began when it began: only its end can change.
Result<base::Instant> beginning(const State& state, const PauseInstitution& command, const Context& context) {
  const auto present = state.pause(command.institution);
  if (present && present->in_force()) {
    const auto began = base::from_ms(present->from_ms());
    if (command.from)
      return refuse(RefusalCode::pause_has_begun, "from",
                    {{"institution", command.institution}, {"since", base::date_time_text(began)}});
    return began;
  }
  if (command.from && *command.from < context.now)
    return refuse(RefusalCode::pause_in_the_past, "from", {{"at", base::date_time_text(*command.from)}});
  return command.from.value_or(context.now);
}

}  // namespace

Result<Decision> decide_pause(const State& state, const PauseInstitution& command, const Context& context) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  if (state.directory() == nullptr) return refuse(RefusalCode::network_none);
  if (state.directory()->institution(command.institution) == nullptr)
    return refuse(RefusalCode::not_found, "institution", {{"what", command.institution}});
  const auto from = beginning(state, command, context);
  if (!from) return from.refusal();
  if (command.until <= context.now)
    return refuse(RefusalCode::pause_in_the_past, "until", {{"at", base::date_time_text(command.until)}});
  if (command.until <= *from)
    return refuse(RefusalCode::pause_times, "until",
                  {{"from", base::date_time_text(*from)}, {"until", base::date_time_text(command.until)}});
  if (command.until - *from > context.rules.pause_most)
    return refuse(RefusalCode::pause_too_long, "until",
                  {{"days", std::to_string(context.rules.pause_most / std::chrono::days(1))},
                   {"latest", base::date_time_text(*from + context.rules.pause_most)}});
  Decision decision;
  decision.events.push_back(acted(command.by, "institution.pause"));
  auto& paused = *decision.events.emplace_back().mutable_institution_paused();
  paused.set_institution(command.institution);
  paused.set_from_ms(base::to_ms(*from));
  paused.set_until_ms(base::to_ms(command.until));
  paused.set_operator_(command.by.name);
  paused.set_reason(command.by.reason);
  return decision;
}

Result<Decision> decide_resume(const State& state, const ResumeInstitution& command) {
  if (auto said = check_operator(command.by); !said) return said.refusal();
  // One that a later network definition no longer has can still be let go.
  if (!state.pause(command.institution)) {
    if (state.directory() == nullptr || state.directory()->institution(command.institution) == nullptr)
      return refuse(RefusalCode::not_found, "institution", {{"what", command.institution}});
    return refuse(RefusalCode::pause_none, "institution", {{"institution", command.institution}});
  }
  Decision decision;
  decision.events.push_back(acted(command.by, "institution.resume"));
  decision.events.emplace_back().mutable_institution_resumed()->set_institution(command.institution);
  return decision;
}

}  // namespace relais::core
