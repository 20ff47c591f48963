// Dates of civil life and moments, as institutions write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relais::mapping {

enum class Precision { day, month, year };

/// A pattern of strftime's kind, checked by make_patterns().
struct TimePattern {
  std::string text;     // as in the mapping
  std::string pattern;  // as the date library reads it
  bool utc = false;     // the pattern closes with a literal Z
  bool offset = false;  // the text names its offset (%z, %Ez)
  bool has_time = false;
  Precision precision = Precision::day;
};

/// What to do with local times that do not exist or occur twice when the clocks change.
enum class Skipped { refuse, later };
enum class Repeated { refuse, earlier, later };

struct ZoneRule {
  std::string zone = "Europe/Paris";
  Skipped nonexistent = Skipped::refuse;
  Repeated ambiguous = Repeated::refuse;
};

/// The zone is known to this machine (Debian package tzdata).
bool known_zone(const std::string& zone);

/// A pattern of the mapping; a named one ("iso", "french") gives several. Empty: `wrong` says why.
std::vector<TimePattern> make_patterns(const std::string& text, bool moment, std::string& wrong);

/// A value, or the code of the rule it breaks with its detail.
template <class T>
struct Parsed {
  std::optional<T> value;
  std::string_view rule;
  std::string detail;
};

/// ISO text as precise as the pattern that fits first, cut to `precision`.
Parsed<std::string> parse_date(std::string_view text, const std::vector<TimePattern>& patterns, Precision precision);

/// Milliseconds since 1970. Times without an offset are local times of the zone.
Parsed<std::int64_t> parse_moment(std::string_view text, const std::vector<TimePattern>& patterns,
                                  const ZoneRule& rule);

/// `iso` is "YYYY-MM-DD", "YYYY-MM" or "YYYY". Empty when it is none of them, or less precise than the pattern needs.
std::optional<std::string> format_date(std::string_view iso, const TimePattern& pattern);

std::string format_moment(std::int64_t ms, const TimePattern& pattern, const std::string& zone);

/// "YYYY-MM-DD", "YYYY-MM" or "YYYY", of a day that exists.
bool is_iso_date(std::string_view text);

}  // namespace relais::mapping
