#include "adapters/calendar/event_writer.h"

#include <algorithm>
#include <vector>

#include "adapters/calendar/ical_handle.h"
#include "broker/base/check.h"

namespace relais::calendar {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr const char* kProduct = "-//Relais//relais-calendar//FR";

icaltimetype time_in(std::int64_t ms, icaltimezone* zone) {
  const auto utc = icaltime_from_timet_with_zone(static_cast<time_t>(ms / 1'000), 0, icaltimezone_get_utc_timezone());
  return icaltime_convert_to_zone(utc, zone);
}

/// What a clock in the zone shows.
std::string clock_in(std::int64_t ms, icaltimezone* zone) {
  char* const text = icaltime_as_ical_string_r(time_in(ms, zone));
  std::string copy(text);
  icalmemory_free_buffer(text);
  return copy;
}

bool in_force(icalcomponent* observance) {
  auto* const rule = icalcomponent_get_first_property(observance, ICAL_RRULE_PROPERTY);
  return rule != nullptr && icaltime_is_null_time(icalproperty_get_rrule(rule).until) != 0;
}

/// libical begins its last rules in 2037, after listing the years before one by one: they begin in 1970 here.
icalcomponent* since_1970(icalcomponent* observance) {
  auto* const copy = icalcomponent_new_clone(observance);
  const auto rule = icalproperty_get_rrule(icalcomponent_get_first_property(copy, ICAL_RRULE_PROPERTY));
  auto start = icalcomponent_get_dtstart(copy);
  start.year = 1970;
  start.month = 1;
  start.day = 1;
  auto* const occurrences = icalrecur_iterator_new(rule, start);
  if (occurrences == nullptr) return copy;
  const auto first = icalrecur_iterator_next(occurrences);
  icalrecur_iterator_free(occurrences);
  if (icaltime_is_null_time(first) == 0) icalcomponent_set_dtstart(copy, first);
  return copy;
}

/// The rules of a zone that are in force, or the last one, under the zone's own name.
ComponentHandle short_zone(icaltimezone* zone, const std::string& name) {
  auto* const whole = icaltimezone_get_component(zone);
  ComponentHandle brief(icalcomponent_new(ICAL_VTIMEZONE_COMPONENT));
  icalcomponent_add_property(brief.get(), icalproperty_new_tzid(name.c_str()));
  icalcomponent* last = nullptr;
  bool any = false;
  for (auto* one = icalcomponent_get_first_component(whole, ICAL_ANY_COMPONENT); one != nullptr;
       one = icalcomponent_get_next_component(whole, ICAL_ANY_COMPONENT)) {
    if (last == nullptr || icaltime_compare(icalcomponent_get_dtstart(one), icalcomponent_get_dtstart(last)) > 0)
      last = one;
    if (!in_force(one)) continue;
    any = true;
    icalcomponent_add_component(brief.get(), since_1970(one));
  }
  if (!any && last != nullptr) icalcomponent_add_component(brief.get(), icalcomponent_new_clone(last));
  return brief;
}

void remove_all(icalcomponent* from, icalproperty_kind kind) {
  for (auto* found = icalcomponent_get_first_property(from, kind); found != nullptr;
       found = icalcomponent_get_first_property(from, kind)) {
    icalcomponent_remove_property(from, found);
    icalproperty_free(found);
  }
}

void set(icalcomponent* event, icalproperty* property) {
  remove_all(event, icalproperty_isa(property));
  icalcomponent_add_property(event, property);
}

/// `tzid` empty: the time is in UTC.
icalproperty* in_zone(icalproperty* property, const std::string& tzid) {
  if (!tzid.empty()) icalproperty_add_parameter(property, icalparameter_new_tzid(tzid.c_str()));
  return property;
}

void set_times(icalcomponent* calendar, icalcomponent* event, const EventState& state, const EventRules& rules) {
  auto* const machine = machine_zone(rules.zone.c_str());
  auto tzid = rules.zone;
  icaltimezone* zone = icalcomponent_get_timezone(calendar, tzid.c_str());
  if (zone == nullptr && machine != nullptr && machine != icaltimezone_get_utc_timezone()) {
    icalcomponent_add_component(calendar, short_zone(machine, tzid).release());
    zone = icalcomponent_get_timezone(calendar, tzid.c_str());
  }
  // Whatever describes the zone here must give the moment that is meant; and a clock that shows a time twice does not.
  const auto right = [&](std::int64_t ms) {
    const auto shown = clock_in(ms, zone);
    return shown == clock_in(ms, machine) && shown != clock_in(ms - kHourMs, zone) &&
           shown != clock_in(ms + kHourMs, zone);
  };
  if (zone == nullptr || machine == nullptr || !right(state.start_ms) || !right(state.end_ms)) {
    tzid.clear();
    zone = icaltimezone_get_utc_timezone();
  }
  remove_all(event, ICAL_DURATION_PROPERTY);
  set(event, in_zone(icalproperty_new_dtstart(time_in(state.start_ms, zone)), tzid));
  set(event, in_zone(icalproperty_new_dtend(time_in(state.end_ms, zone)), tzid));
}

std::string value_of(icalproperty* property) {
  auto* const value = icalproperty_get_value_as_string_r(property);
  if (value == nullptr) return {};
  std::string copy(value);
  icalmemory_free_buffer(value);
  return copy;
}

bool is_mark(icalproperty* property, const std::vector<Mark>& marks) {
  const char* const own = icalproperty_get_x_name(property);
  const auto name = upper(own != nullptr ? own : icalproperty_get_property_name(property));
  return std::ranges::any_of(
      marks, [&](const Mark& mark) { return mark.property == name && upper(mark.value) == upper(value_of(property)); });
}

/// A status is said by one mark, the first of its list; those of the other list go.
void set_marks(icalcomponent* event, EventStatus status, const EventRules& rules) {
  std::vector<icalproperty*> gone;
  bool said = false;
  for (auto* one = icalcomponent_get_first_property(event, ICAL_ANY_PROPERTY); one != nullptr;
       one = icalcomponent_get_next_property(event, ICAL_ANY_PROPERTY)) {
    const bool fulfilled = is_mark(one, rules.fulfilled);
    const bool no_show = is_mark(one, rules.no_show);
    const bool right = (fulfilled && status == EventStatus::fulfilled) || (no_show && status == EventStatus::no_show);
    said = said || right;
    if ((fulfilled || no_show) && !right) gone.push_back(one);
  }
  for (auto* const one : gone) {
    icalcomponent_remove_property(event, one);
    icalproperty_free(one);
  }
  const auto& marks = status == EventStatus::fulfilled ? rules.fulfilled : rules.no_show;
  if (said || marks.empty() || (status != EventStatus::fulfilled && status != EventStatus::no_show)) return;
  const auto& mark = marks.front();
  if (mark.property == "CATEGORIES") {
    icalcomponent_add_property(event, icalproperty_new_categories(mark.value.c_str()));
    return;
  }
  auto* const own = icalproperty_new_x(mark.value.c_str());
  icalproperty_set_x_name(own, mark.property.c_str());
  icalcomponent_add_property(event, own);
}

icalproperty_status ical_status(EventStatus status) {
  if (status == EventStatus::tentative) return ICAL_STATUS_TENTATIVE;
  return status == EventStatus::cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED;
}

std::string without_notice(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = text.substr(0, end); !line.starts_with(kNoticeBegins)) {
      if (!kept.empty()) kept += '\n';
      kept += line;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return kept;
}

void set_notice(icalcomponent* event, const std::string& notice) {
  const auto* const found = icalcomponent_get_first_property(event, ICAL_DESCRIPTION_PROPERTY);
  const char* const present = found == nullptr ? nullptr : icalproperty_get_description(found);
  const std::string before = present == nullptr ? "" : present;
  auto after = without_notice(before);
  if (!notice.empty()) after += (after.empty() ? "" : "\n") + std::string(kNoticeBegins) + notice;
  if (after == before) return;
  remove_all(event, ICAL_DESCRIPTION_PROPERTY);
  if (!after.empty()) icalcomponent_add_property(event, icalproperty_new_description(after.c_str()));
}

void set_common(icalcomponent* calendar, icalcomponent* event, const EventWriting& writing, const EventRules& rules) {
  set_times(calendar, event, writing.state, rules);
  set(event, icalproperty_new_status(ical_status(writing.state.status)));
  set(event, icalproperty_new_sequence(static_cast<int>(writing.sequence)));
  const auto now = time_in(base::to_ms(writing.now), icaltimezone_get_utc_timezone());
  set(event, icalproperty_new_dtstamp(now));
  set(event, icalproperty_new_lastmodified(now));
  set_marks(event, writing.state.status, rules);
  set_notice(event, writing.notice);
}

std::string written(icalcomponent* calendar) {
  char* const text = icalcomponent_as_ical_string_r(calendar);
  base::check(text != nullptr, "libical writes what it has read");
  std::string copy(text);
  icalmemory_free_buffer(text);
  return copy;
}

}  // namespace

std::string new_event(const EventWriting& writing, const EventRules& rules) {
  prepare_libical();
  const ComponentHandle calendar(icalcomponent_new(ICAL_VCALENDAR_COMPONENT));
  icalcomponent_add_property(calendar.get(), icalproperty_new_version("2.0"));
  icalcomponent_add_property(calendar.get(), icalproperty_new_prodid(kProduct));
  ComponentHandle made(icalcomponent_new(ICAL_VEVENT_COMPONENT));
  auto* const event = made.get();
  icalcomponent_add_property(event, icalproperty_new_uid(writing.uid.c_str()));
  icalcomponent_add_property(event, icalproperty_new_summary(writing.text.summary.c_str()));
  if (!writing.text.place.empty())
    icalcomponent_add_property(event, icalproperty_new_location(writing.text.place.c_str()));
  if (!writing.text.description.empty())
    icalcomponent_add_property(event, icalproperty_new_description(writing.text.description.c_str()));
  // Zones stand before what uses them.
  set_common(calendar.get(), event, writing, rules);
  icalcomponent_add_component(calendar.get(), made.release());
  return written(calendar.get());
}

std::variant<std::string, IcalFault> changed_event(std::string_view existing, const EventWriting& writing,
                                                   const EventRules& rules) {
  const auto readable = IcalDocument::read(existing);
  if (const auto* const fault = std::get_if<IcalFault>(&readable)) return *fault;
  const ComponentHandle calendar(icalparser_parse_string(std::string(existing).c_str()));
  auto* const event = calendar ? icalcomponent_get_first_component(calendar.get(), ICAL_VEVENT_COMPONENT) : nullptr;
  if (event == nullptr) return IcalFault{"event.none", 0, "VEVENT"};
  // An empty property is one to libical only when it may complain.
  icalcomponent_strip_errors(calendar.get());
  remove_all(calendar.get(), ICAL_METHOD_PROPERTY);
  set_common(calendar.get(), event, writing, rules);
  return written(calendar.get());
}

}  // namespace relais::calendar
