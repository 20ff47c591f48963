#include "broker/core/working_time.h"

#include <algorithm>
#include <array>

#include "broker/base/check.h"

namespace relais::core {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::last;
using std::chrono::local_days;
using std::chrono::month_day;
using std::chrono::Sunday;
using std::chrono::weekday;
using std::chrono::year;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 7> kZoneNames = {"metropole", "alsace_moselle", "guadeloupe", "martinique",
                                                        "guyane",    "la_reunion",     "mayotte"};

/// Easter Sunday of the Gregorian calendar (the method of Gauss as completed by Lichtenberg).
local_days easter(year y) {
  const int x = static_cast<int>(y);
  const int k = x / 100;
  const int m = 15 + (3 * k + 3) / 4 - (8 * k + 13) / 25;
  const int s = 2 - (3 * k + 3) / 4;
  const int a = x % 19;
  const int d = (19 * a + m) % 30;
  const int r = (d + a / 11) / 29;
  const int og = 21 + d - r;
  const int sz = 7 - (x + x / 4 + s) % 7;
  const int oe = 7 - (og - sz) % 7;
  return local_days(y / std::chrono::March / 1) + days(og + oe - 1);
}

std::optional<month_day> abolition_of_slavery(Zone zone) {
  switch (zone) {
    case Zone::guadeloupe:
      return std::chrono::May / 27;
    case Zone::martinique:
      return std::chrono::May / 22;
    case Zone::guyane:
      return std::chrono::June / 10;
    case Zone::la_reunion:
      return std::chrono::December / 20;
    case Zone::mayotte:
      return std::chrono::April / 27;
    default:
      return std::nullopt;
  }
}

/// Of local time from UTC, at an instant.
base::Milliseconds offset_at(base::Instant at, Zone zone) {
  switch (zone) {
    case Zone::guadeloupe:
    case Zone::martinique:
      return -4h;
    case Zone::guyane:
      return -3h;
    case Zone::la_reunion:
      return 4h;
    case Zone::mayotte:
      return 3h;
    default:
      break;
  }
  const year y = std::chrono::year_month_day(floor<days>(at)).year();
  const auto summer = std::chrono::sys_days(y / std::chrono::March / Sunday[last]) + 1h;
  const auto winter = std::chrono::sys_days(y / std::chrono::October / Sunday[last]) + 1h;
  return summer <= at && at < winter ? 2h : 1h;
}

}  // namespace

std::optional<Zone> zone_of(std::string_view name) {
  const auto found = std::ranges::find(kZoneNames, name);
  if (found == kZoneNames.end()) return std::nullopt;
  return static_cast<Zone>(found - kZoneNames.begin());
}

std::string_view zone_names() {
  return "metropole, alsace_moselle, guadeloupe, martinique, guyane, la_reunion, mayotte";
}

std::vector<local_days> public_holidays(year y, Zone zone) {
  const auto sunday = easter(y);
  std::vector<local_days> holidays = {sunday + days(1), sunday + days(39), sunday + days(50)};
  for (const auto day :
       {std::chrono::January / 1, std::chrono::May / 1, std::chrono::May / 8, std::chrono::July / 14,
        std::chrono::August / 15, std::chrono::November / 1, std::chrono::November / 11, std::chrono::December / 25})
    holidays.emplace_back(y / day);
  if (zone == Zone::alsace_moselle) {
    holidays.push_back(sunday - days(2));
    holidays.emplace_back(y / std::chrono::December / 26);
  }
  if (const auto day = abolition_of_slavery(zone)) holidays.emplace_back(y / *day);
  std::ranges::sort(holidays);
  const auto repeated = std::ranges::unique(holidays);
  holidays.erase(repeated.begin(), repeated.end());
  return holidays;
}

WorkingTime::WorkingTime(const v1::Calendar& calendar) {
  const auto zone = zone_of(calendar.zone());
  base::check(zone.has_value(), "a checked calendar has a zone");
  zone_ = *zone;
  if (!calendar.weekdays().empty()) weekdays_ = 0;
  for (const auto day : calendar.weekdays()) weekdays_ |= 1U << weekday(day).c_encoding();
  opens_ = std::chrono::minutes(calendar.opens_minute());
  closes_ = std::chrono::minutes(calendar.closes_minute());
  for (const auto day : calendar.closed_days()) closed_.emplace_back(days(day));
  std::ranges::sort(closed_);
}

bool WorkingTime::is_working_day(local_days day) const {
  if ((weekdays_ >> weekday(day).c_encoding() & 1U) == 0) return false;
  if (std::ranges::binary_search(closed_, day)) return false;
  const auto holidays = public_holidays(std::chrono::year_month_day(day).year(), zone_);
  return !std::ranges::binary_search(holidays, day);
}

local_days WorkingTime::next_working_day(local_days day) const {
  do day += days(1);
  while (!is_working_day(day));
  return day;
}

WorkingTime::LocalTime WorkingTime::local(base::Instant at) const {
  return LocalTime(at.time_since_epoch() + offset_at(at, zone_));
}

/// Opening hours are far from the hour of a change of the clock, where a local time is missing or double: either
/// reading of that hour will do.
base::Instant WorkingTime::instant(LocalTime at) const {
  const base::Instant as_utc(at.time_since_epoch());
  const auto guess = as_utc - offset_at(as_utc, zone_);
  return as_utc - offset_at(guess, zone_);
}

base::Instant WorkingTime::after_days(base::Instant from, std::uint32_t count) const {
  auto day = floor<days>(local(from));
  for (std::uint32_t i = 0; i < count; ++i) day = next_working_day(day);
  return instant(day + closes_);
}

base::Instant WorkingTime::after_hours(base::Instant from, std::uint32_t count) const {
  auto at = local(from);
  base::Milliseconds left = hours(count);
  auto day = floor<days>(at);
  if (!is_working_day(day) || at >= day + closes_) {
    day = next_working_day(day);
    at = day + opens_;
  }
  at = std::max<LocalTime>(at, day + opens_);
  while (at + left > day + closes_) {
    left -= day + closes_ - at;
    day = next_working_day(day);
    at = day + opens_;
  }
  return instant(at + left);
}

}  // namespace relais::core
