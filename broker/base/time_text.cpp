#include "broker/base/time_text.h"

#include <array>
#include <charconv>

#include <date/tz.h>

namespace relais::base {

namespace {

struct Unit {
  char letter;
  std::chrono::milliseconds length;
};
// The largest first: duration_text() takes the first that divides.
constexpr std::array kUnits = {Unit{'d', std::chrono::hours(24)}, Unit{'h', std::chrono::hours(1)},
                               Unit{'m', std::chrono::minutes(1)}, Unit{'s', std::chrono::seconds(1)}};

date::zoned_time<std::chrono::milliseconds> in_paris(Instant instant) {
  return {"Europe/Paris", date::sys_time<std::chrono::milliseconds>(instant.time_since_epoch())};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto parsed = std::from_chars(text.data(), end, count);
  if (parsed.ec != std::errc() || parsed.ptr != end || count < 0 || text.front() == '-') return std::nullopt;
  for (const auto& unit : kUnits)
    if (text.back() == unit.letter) return unit.length * count;
  return std::nullopt;
}

std::string duration_text(std::chrono::milliseconds duration) {
  for (const auto& unit : kUnits)
    if (duration.count() != 0 && duration % unit.length == std::chrono::milliseconds(0))
      return std::to_string(duration / unit.length) + unit.letter;
  return duration.count() == 0 ? "0s" : std::to_string(duration.count()) + "ms";
}

std::optional<Instant> paris_time(int year, unsigned month, unsigned day, std::chrono::seconds of_day) {
  const date::year_month_day ymd{date::year(year), date::month(month), date::day(day)};
  if (!ymd.ok()) return std::nullopt;
  const auto local = date::local_days(ymd) + of_day;
  const auto info = date::locate_zone("Europe/Paris")->get_info(local);
  if (info.result == date::local_info::nonexistent) return std::nullopt;
  const auto utc = local.time_since_epoch() - info.first.offset;
  return Instant(std::chrono::duration_cast<Milliseconds>(utc));
}

std::string date_text(Instant instant) { return date::format("%F", in_paris(instant)); }
std::string date_time_text(Instant instant) { return date::format("%F %H:%M", in_paris(instant)); }

}  // namespace relais::base
