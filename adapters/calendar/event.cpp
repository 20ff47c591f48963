#include "adapters/calendar/event.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace relais::calendar {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::array kNames = {
    std::pair{EventStatus::tentative, std::string_view("tentative")},
    std::pair{EventStatus::confirmed, std::string_view("confirmed")},
    std::pair{EventStatus::cancelled, std::string_view("cancelled")},
    std::pair{EventStatus::fulfilled, std::string_view("fulfilled")},
    std::pair{EventStatus::no_show, std::string_view("no_show")},
};

bool carries(const IcalComponent& event, const std::vector<Mark>& marks) {
  return std::ranges::any_of(event.properties, [&](const IcalProperty& property) {
    return std::ranges::any_of(marks, [&](const Mark& mark) {
      return mark.property == property.name &&
             std::ranges::any_of(property.values, [&](const auto& value) { return upper(value) == upper(mark.value); });
    });
  });
}

std::variant<EventStatus, IcalFault> status_of(const IcalComponent& event, std::string_view method,
                                               const EventRules& rules) {
  if (method == "CANCEL") return EventStatus::cancelled;
  const auto* const property = event.find("STATUS");
  const auto said = property == nullptr || property->values.empty() ? "CONFIRMED" : upper(property->values.front());
  if (said == "CANCELLED") return EventStatus::cancelled;
  if (said != "TENTATIVE" && said != "CONFIRMED") return IcalFault{"value.malformed", property->line, property->name};
  if (carries(event, rules.fulfilled)) return EventStatus::fulfilled;
  if (carries(event, rules.no_show)) return EventStatus::no_show;
  return said == "TENTATIVE" ? EventStatus::tentative : EventStatus::confirmed;
}

std::variant<std::int64_t, IcalFault> sequence_of(const IcalComponent& event) {
  const auto* const property = event.find("SEQUENCE");
  if (property == nullptr) return std::int64_t{0};
  std::int64_t number = 0;
  const auto& text = property->values.front();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0 || number > kSequenceMost)
    return IcalFault{"value.malformed", property->line, property->name};
  return number;
}

/// Sets the times of `state`.
std::optional<IcalFault> read_times(const IcalDocument& document, const IcalComponent& event, const EventRules& rules,
                                    EventState& state) {
  const auto* const start = event.find("DTSTART");
  if (start == nullptr) return IcalFault{"property.missing", event.line, "DTSTART"};
  const auto begins = document.moment(*start, rules.zone);
  if (const auto* const fault = std::get_if<IcalFault>(&begins)) return *fault;
  const auto begin = std::get<Moment>(begins);
  if (begin.all_day) return IcalFault{"event.all_day", start->line, start->name};
  state.start_ms = begin.ms;
  const auto* last = event.find("DTEND");
  if (last != nullptr) {
    const auto ends = document.moment(*last, rules.zone);
    if (const auto* const fault = std::get_if<IcalFault>(&ends)) return *fault;
    state.end_ms = std::get<Moment>(ends).ms;
  } else if (last = event.find("DURATION"); last != nullptr) {
    const auto lasts = IcalDocument::duration_ms(*last);
    if (const auto* const fault = std::get_if<IcalFault>(&lasts)) return *fault;
    state.end_ms = state.start_ms + std::get<std::int64_t>(lasts);
  } else {
    return IcalFault{"event.no_end", event.line, "DTEND"};
  }
  if (state.end_ms <= state.start_ms) return IcalFault{"event.no_end", last->line, last->name};
  if (state.end_ms - state.start_ms > kDayMs) return IcalFault{"event.too_long", last->line, last->name};
  return std::nullopt;
}

}  // namespace

std::string_view name_of(EventStatus status) {
  return std::ranges::find(kNames, status, &std::pair<EventStatus, std::string_view>::first)->second;
}

std::optional<EventStatus> event_status(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, &std::pair<EventStatus, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

bool is_final(EventStatus status) { return status != EventStatus::tentative && status != EventStatus::confirmed; }

bool same_times(const EventState& one, const EventState& other) {
  return one.start_ms / 1'000 == other.start_ms / 1'000 && one.end_ms / 1'000 == other.end_ms / 1'000;
}

bool same(const EventState& one, const EventState& other) {
  return one.status == other.status && (is_final(one.status) || same_times(one, other));
}

std::optional<Mark> read_mark(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
  const auto name = upper(text.substr(0, colon));
  const bool is_name =
      std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
  if (!is_name || (name != "CATEGORIES" && !name.starts_with("X-"))) return std::nullopt;
  return Mark{name, std::string(text.substr(colon + 1))};
}

std::string uid_of(const IcalDocument& document) {
  for (const auto& calendar : document.components())
    for (const auto& component : calendar.components)
      if (const auto* const uid = component.find("UID"); uid != nullptr && !uid->values.empty())
        return uid->values.front();
  return {};
}

std::variant<Event, IcalFault> read_event(const IcalDocument& document, const EventRules& rules) {
  const IcalComponent* found = nullptr;
  std::string method;
  for (const auto& calendar : document.components()) {
    if (const auto* const property = calendar.find("METHOD"); property != nullptr) {
      method = upper(property->values.front());
      if (method != "REQUEST" && method != "PUBLISH" && method != "CANCEL")
        return IcalFault{"event.method", property->line, property->name};
    }
    for (const auto& component : calendar.components) {
      if (component.name != "VEVENT") continue;
      if (found != nullptr) return IcalFault{"event.several", component.line, component.name};
      found = &component;
    }
  }
  if (found == nullptr) return IcalFault{"event.none", document.components().front().line, "VEVENT"};
  for (const auto* const name : {"RRULE", "RDATE", "RECURRENCE-ID", "EXRULE"})
    if (const auto* const property = found->find(name); property != nullptr)
      return IcalFault{"event.recurring", property->line, property->name};
  Event event;
  const auto* const uid = found->find("UID");
  if (uid == nullptr) return IcalFault{"property.missing", found->line, "UID"};
  event.uid = uid->values.front();
  const auto sequence = sequence_of(*found);
  if (const auto* const fault = std::get_if<IcalFault>(&sequence)) return *fault;
  event.sequence = std::get<std::int64_t>(sequence);
  const auto status = status_of(*found, method, rules);
  if (const auto* const fault = std::get_if<IcalFault>(&status)) return *fault;
  event.state.status = std::get<EventStatus>(status);
  if (auto fault = read_times(document, *found, rules, event.state)) return std::move(*fault);
  return event;
}

}  // namespace relais::calendar
