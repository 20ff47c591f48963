// Calendars: when institutions work.
#include "broker/core/network_check_parts.h"
#include "broker/core/working_time.h"

namespace relais::core::network {

namespace {

constexpr std::uint32_t kMinutesOfDay = 24 * 60;

void check_weekdays(Faults& faults, const std::string& path, const v1::Calendar& calendar) {
  if (calendar.weekdays().empty()) faults.add(path + ".weekdays", "there is none", "at least one");
  std::set<std::uint32_t> seen;
  for (int i = 0; i < calendar.weekdays_size(); ++i) {
    const std::string place = path + ".weekdays[" + std::to_string(i) + "]";
    if (calendar.weekdays(i) < 1 || calendar.weekdays(i) > 7)
      faults.add(place, "is not a day of the week", "monday to sunday");
    else if (!seen.insert(calendar.weekdays(i)).second)
      faults.add(place, "is named twice", "each day once");
  }
}

}  // namespace

void check_calendars(Faults& faults, const v1::NetworkDefinition& definition, Known& known) {
  ElementNames names("calendars");
  for (const auto& calendar : definition.calendars()) {
    const std::string path = names.next(calendar.id());
    check_id(faults, path + ".id", calendar.id(), known.calendars);
    if (!zone_of(calendar.zone()))
      faults.add(path + ".zone", calendar.zone().empty() ? "is missing" : "is not a zone", std::string(zone_names()));
    check_weekdays(faults, path, calendar);
    if (calendar.closes_minute() > kMinutesOfDay || calendar.opens_minute() >= calendar.closes_minute())
      faults.add(path + ".closes", "does not lie after opens", "a later time of the same day");
  }
}

}  // namespace relais::core::network
