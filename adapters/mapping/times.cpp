#include "adapters/mapping/times.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <sstream>

#include <date/date.h>
#include <date/tz.h>

namespace relais::mapping {

namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int kYearMin = 1800;
constexpr int kYearMax = 2200;
constexpr std::string_view kYears = "1800-2200";

struct Fields {
  date::year_month_day day;
  Milliseconds of_day{0};
  std::chrono::minutes offset{0};
};

/// The whole of `text` in the form of `pattern`; the day may not exist.
std::optional<Fields> scan(std::string_view text, const TimePattern& pattern) {
  std::istringstream stream{std::string(text)};
  date::fields<Milliseconds> found{};
  std::string zone_name;
  Fields fields;
  date::from_stream(stream, pattern.pattern.c_str(), found, &zone_name, &fields.offset);
  if (stream.fail() || stream.peek() != std::char_traits<char>::eof()) return std::nullopt;
  const auto month = pattern.precision == Precision::year ? date::month(1) : found.ymd.month();
  const auto day = pattern.precision == Precision::day ? found.ymd.day() : date::day(1);
  fields.day = found.ymd.year() / month / day;
  if (pattern.has_time) fields.of_day = found.has_tod ? found.tod.to_duration() : Milliseconds(-1);
  return fields;
}

std::string_view wrong_day(const Fields& fields) {
  if (const int year = int(fields.day.year()); year < kYearMin || year > kYearMax) return "date.year";
  if (!fields.day.ok() || fields.of_day < Milliseconds(0) || fields.of_day >= std::chrono::hours(24))
    return "date.not_a_day";
  return {};
}

std::string allowed(const std::vector<TimePattern>& patterns) {
  std::string text;
  for (const auto& pattern : patterns) text += (text.empty() ? "" : " or ") + pattern.text;
  return text;
}

/// Tries the patterns in order. A day that does not exist is only said when no other pattern gives a better answer.
Parsed<Fields> scan_any(std::string_view text, const std::vector<TimePattern>& patterns, const TimePattern*& fits) {
  Parsed<Fields> said{std::nullopt, "date.format", allowed(patterns)};
  for (const auto& pattern : patterns) {
    const auto fields = scan(text, pattern);
    if (!fields) continue;
    fits = &pattern;
    const auto wrong = wrong_day(*fields);
    if (wrong.empty()) return {fields, {}, {}};
    if (said.rule == "date.format") said = {std::nullopt, wrong, wrong == "date.year" ? std::string(kYears) : ""};
  }
  return said;
}

std::string_view iso_pattern(Precision precision) {
  return precision == Precision::year ? "%Y" : precision == Precision::month ? "%Y-%m" : "%Y-%m-%d";
}

/// Two digits or four where they must be: `date` reads "2020-1-1" too.
bool iso_shape(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  return std::ranges::all_of(
      text, [&, i = 0U](char c) mutable { return kShape[i++] == 'd' ? c >= '0' && c <= '9' : c == '-'; });
}

std::optional<Fields> scan_iso(std::string_view iso, Precision& precision) {
  if (!iso_shape(iso)) return std::nullopt;
  precision = iso.size() == 4 ? Precision::year : iso.size() == 7 ? Precision::month : Precision::day;
  TimePattern pattern;
  pattern.pattern = iso_pattern(precision);
  pattern.precision = precision;
  auto fields = scan(iso, pattern);
  return fields && wrong_day(*fields).empty() ? fields : std::nullopt;
}

Parsed<std::int64_t> to_utc(const date::local_time<Milliseconds>& local, const ZoneRule& rule) {
  const auto* const zone = date::locate_zone(rule.zone);
  const auto info = zone->get_info(local);
  const auto with = [&](std::chrono::seconds offset) {
    return Parsed<std::int64_t>{(local.time_since_epoch() - offset).count(), {}, {}};
  };
  switch (info.result) {
    case date::local_info::nonexistent:
      if (rule.nonexistent == Skipped::refuse) return {std::nullopt, "time.nonexistent", rule.zone};
      return with(info.first.offset);  // the offset of before: 02:30 becomes 03:30
    case date::local_info::ambiguous:
      if (rule.ambiguous == Repeated::refuse) return {std::nullopt, "time.ambiguous", rule.zone};
      return with(rule.ambiguous == Repeated::earlier ? info.first.offset : info.second.offset);
    default:
      return with(info.first.offset);
  }
}

std::vector<std::string> named(const std::string& text, bool moment) {
  if (text == "iso" && moment)
    return {"%Y-%m-%dT%H:%M:%S%Ez", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d %H:%M:%S",    "%Y-%m-%dT%H:%M",     "%Y-%m-%d %H:%M"};
  if (text == "iso") return {"%Y-%m-%d"};
  if (text == "french" && moment) return {"%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %Hh%M"};
  if (text == "french") return {"%d/%m/%Y"};
  return {text};
}

struct Parts {
  bool year = false, month = false, day = false, hour = false, zone = false;
};

/// Empty when the pattern holds anything else than the letters that docs/mapping.md lists.
std::optional<Parts> parts_of(std::string_view pattern) {
  Parts parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (++i == pattern.size()) return std::nullopt;
    const bool modified = pattern[i] == 'E';
    if (modified && ++i == pattern.size()) return std::nullopt;
    switch (pattern[i]) {
      case 'Y':
        parts.year = true;
        break;
      case 'm':
        parts.month = true;
        break;
      case 'd':
        parts.day = true;
        break;
      case 'H':
        parts.hour = true;
        break;
      case 'M':
      case 'S':
        break;
      case 'z':
        parts.zone = true;
        break;
      default:
        return std::nullopt;
    }
    if (modified && pattern[i] != 'z') return std::nullopt;
  }
  return parts;
}

}  // namespace

bool known_zone(const std::string& zone) {
  try {
    return date::locate_zone(zone) != nullptr;
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<TimePattern> make_patterns(const std::string& text, bool moment, std::string& wrong) {
  std::vector<TimePattern> patterns;
  for (const auto& one : named(text, moment)) {
    const auto parts = parts_of(one);
    if (!parts || !parts->year || (parts->day && !parts->month)) {
      wrong = "a pattern of %Y %m %d %H %M %S %z %Ez with a year of four digits, \"iso\" or \"french\"";
      return {};
    }
    if (moment && (!parts->day || !parts->hour)) {
      wrong = "a pattern with day and hour, such as \"%d/%m/%Y %H:%M\"";
      return {};
    }
    TimePattern pattern{one, one, one.ends_with('Z'), parts->zone, parts->hour, Precision::day};
    if (!parts->day) pattern.precision = parts->month ? Precision::month : Precision::year;
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

Parsed<std::string> parse_date(std::string_view text, const std::vector<TimePattern>& patterns, Precision precision) {
  const TimePattern* fits = nullptr;
  auto fields = scan_any(text, patterns, fits);
  if (!fields.value) return {std::nullopt, fields.rule, std::move(fields.detail)};
  const auto kept = std::max(precision, fits->precision);
  return {date::format(std::string(iso_pattern(kept)).c_str(), date::local_days(fields.value->day)), {}, {}};
}

Parsed<std::int64_t> parse_moment(std::string_view text, const std::vector<TimePattern>& patterns,
                                  const ZoneRule& rule) {
  const TimePattern* fits = nullptr;
  auto fields = scan_any(text, patterns, fits);
  if (!fields.value) return {std::nullopt, fields.rule, std::move(fields.detail)};
  const auto local = date::local_days(fields.value->day) + fields.value->of_day;
  if (fits->utc || fits->offset) return {(local.time_since_epoch() - fields.value->offset).count(), {}, {}};
  return to_utc(local, rule);
}

std::optional<std::string> format_date(std::string_view iso, const TimePattern& pattern) {
  Precision precision{};
  const auto fields = scan_iso(iso, precision);
  if (!fields || precision > pattern.precision) return std::nullopt;
  return date::format(pattern.pattern.c_str(), date::local_days(fields->day));
}

std::string format_moment(std::int64_t ms, const TimePattern& pattern, const std::string& zone) {
  const auto instant = std::chrono::floor<std::chrono::seconds>(date::sys_time<Milliseconds>(Milliseconds(ms)));
  if (pattern.utc) return date::format(pattern.pattern.c_str(), instant);
  return date::format(pattern.pattern.c_str(), date::make_zoned(date::locate_zone(zone), instant));
}

bool is_iso_date(std::string_view text) {
  Precision precision{};
  return scan_iso(text, precision).has_value();
}

}  // namespace relais::mapping
