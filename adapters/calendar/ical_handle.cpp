#include "adapters/calendar/ical_handle.h"

#include <mutex>
#include <string_view>

namespace relais::calendar {

void prepare_libical() {
  static std::once_flag once;
  std::call_once(once, [] {
    icalerror_set_errors_are_fatal(0);
    ical_set_unknown_token_handling_setting(ICAL_ASSUME_IANA_TOKEN);
  });
}

icaltimezone* machine_zone(const char* name) {
  prepare_libical();
  // The library loads zones into a table that all threads share.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (std::string_view(name) == "UTC") return icaltimezone_get_utc_timezone();
  return icaltimezone_get_builtin_timezone(name);
}

}  // namespace relais::calendar
