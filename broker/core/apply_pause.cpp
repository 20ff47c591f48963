#include "broker/core/apply_pause.h"

namespace relais::core {

namespace {

std::string timer(keys::Timer kind, std::string_view institution, std::int64_t at_ms) {
  return keys::timer(base::from_ms(at_ms), kind, institution);
}

/// Neither its beginning nor its end will go off.
void forget_timers(State& state, std::string_view institution, const v1::InstitutionPause& pause) {
  if (!pause.in_force()) state.erase(TableId::timers, timer(keys::Timer::pause_begins, institution, pause.from_ms()));
  state.erase(TableId::timers, timer(keys::Timer::pause_ends, institution, pause.until_ms()));
}

}  // namespace

void pause(State& state, const v1::InstitutionPaused& event, const Moment& moment) {
  const auto& institution = event.institution();
  if (const auto before = state.pause(institution)) forget_timers(state, institution, *before);
  v1::InstitutionPause row;
  row.set_from_ms(event.from_ms());
  row.set_until_ms(event.until_ms());
  row.set_operator_(event.operator_());
  row.set_reason(event.reason());
  row.set_in_force(event.from_ms() <= base::to_ms(moment.at));
  if (!row.in_force())
    state.put(TableId::timers, timer(keys::Timer::pause_begins, institution, row.from_ms()), v1::TimerRow());
  state.put(TableId::timers, timer(keys::Timer::pause_ends, institution, row.until_ms()), v1::TimerRow());
  state.put_pause(institution, row);
}

void begin_pause(State& state, const v1::PauseBegan& event) {
  auto row = state.pause(event.institution());
  base::check(row.has_value() && !row->in_force(), "a pause that begins was announced");
  state.erase(TableId::timers, timer(keys::Timer::pause_begins, event.institution(), row->from_ms()));
  row->set_in_force(true);
  state.put_pause(event.institution(), *row);
}

void end_pause(State& state, const v1::InstitutionResumed& event, Observer& observer) {
  const auto row = state.pause(event.institution());
  base::check(row.has_value(), "a pause that ends was there");
  forget_timers(state, event.institution(), *row);
  state.end_pause(event.institution());
  observer.resumed(event.institution());
}

}  // namespace relais::core
