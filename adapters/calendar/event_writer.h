// Events as they are put into a calendar: new ones, and those that are there already, with nothing changed but what
// must be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/calendar/event.h"
#include "broker/base/clock.h"

namespace relais::calendar {

/// What people read.
struct EventText {
  std::string summary;
  std::string place;
  std::string description;
};

struct EventWriting {
  std::string uid;
  std::int64_t sequence = 0;
  EventState state;
  EventText text;      // of a new event; those of one that is there are left alone
  std::string notice;  // a line that Relais adds to the description in the place of its last one; may be empty
  base::Instant now{};
};

/// A whole calendar object without METHOD (RFC 4791, 4.1). Times are local ones of `rules.zone`, which is described in
/// the object; in UTC where no short description gives the right time. A mark of `rules` says fulfilled or no_show.
std::string new_event(const EventWriting& writing, const EventRules& rules);

/// The same event with other times, status, marks, SEQUENCE and notice: alarms, attendees, texts stay. `existing` is
/// one that read_event() reads. The fault is one of read().
std::variant<std::string, IcalFault> changed_event(std::string_view existing, const EventWriting& writing,
                                                   const EventRules& rules);

/// Begins the line of a notice.
inline constexpr std::string_view kNoticeBegins = "Relais : ";

}  // namespace relais::calendar
