// What one event of a calendar says about an appointment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/calendar/ical_document.h"

namespace relais::calendar {

/// tentative, confirmed, cancelled: STATUS of RFC 5545. fulfilled, no_show: by a mark that the counter sets.
enum class EventStatus { tentative, confirmed, cancelled, fulfilled, no_show };

std::string_view name_of(EventStatus status);
std::optional<EventStatus> event_status(std::string_view name);

/// Nothing more is said of the appointment.
bool is_final(EventStatus status);

struct EventState {
  EventStatus status = EventStatus::confirmed;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

/// iCalendar knows seconds: what is less is no difference.
bool same_times(const EventState& one, const EventState& other);
bool same(const EventState& one, const EventState& other);

/// A property with one of its values, both without regard to capitals: "CATEGORIES:Venu".
struct Mark {
  std::string property;  // upper case
  std::string value;
};
std::optional<Mark> read_mark(std::string_view text);

struct EventRules {
  std::string zone = "Europe/Paris";  // of times that name none
  std::vector<Mark> fulfilled;
  std::vector<Mark> no_show;
};

inline constexpr std::int64_t kSequenceMost = 2'147'483'647;  // an INTEGER of RFC 5545 (3.3.8)

struct Event {
  std::string uid;
  std::int64_t sequence = 0;
  EventState state;
};

/// The UID of the text's first component that has one, whatever its kind; empty when there is none.
std::string uid_of(const IcalDocument& document);

/// The only event of a text. METHOD CANCEL cancels it; REQUEST and PUBLISH say nothing more. Faults, besides those of
/// moments: event.none, event.several, event.method, event.recurring, event.all_day, event.no_end, event.too_long (24
/// hours at most), property.missing, value.malformed.
std::variant<Event, IcalFault> read_event(const IcalDocument& document, const EventRules& rules);

}  // namespace relais::calendar
