// Working days and hours of a French territory: public holidays, local time, opening hours.
//
// Holidays are computed, not listed: they follow from the law (Code du travail L3133-1; L3134-13 in Alsace-Moselle; loi
// 83-550 of 30 June 1983 and its decrees for the days of abolition of slavery) and from the date of Easter. A test
// compares every year from 2006 to 2031 with the list that Etalab publishes. Local time follows the rule of the
// European Union (directive 2000/84/EC), which holds since 1996; the overseas territories here keep one offset all
// year.
//
// Threads: any; pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"

#include "relais/v1/network.pb.h"

namespace relais::core {

enum class Zone : std::uint8_t { metropole, alsace_moselle, guadeloupe, martinique, guyane, la_reunion, mayotte };

/// By its name in the network definition, e.g. "alsace_moselle".
std::optional<Zone> zone_of(std::string_view name);
/// All names, for messages: "metropole, alsace_moselle, ...".
std::string_view zone_names();

/// Public holidays of one year in a zone, ascending; two that fall on one day count once.
std::vector<std::chrono::local_days> public_holidays(std::chrono::year year, Zone zone);

/// When institutions work: the days of the week, the hours, and the days on which they are closed beside the holidays.
class WorkingTime {
 public:
  /// Monday to Friday from 9 to 17 in the metropole.
  WorkingTime() = default;
  /// `calendar` has passed network_check.
  explicit WorkingTime(const v1::Calendar& calendar);

  [[nodiscard]] bool is_working_day(std::chrono::local_days day) const;

  /// The end of work on the `count`-th working day after the day of `from`: a day that has begun is not counted.
  [[nodiscard]] base::Instant after_days(base::Instant from, std::uint32_t count) const;

  /// `from` plus `count` hours, of which only those of work are counted. An instant outside work counts as the next
  /// opening.
  [[nodiscard]] base::Instant after_hours(base::Instant from, std::uint32_t count) const;

 private:
  using LocalTime = std::chrono::local_time<base::Milliseconds>;

  [[nodiscard]] LocalTime local(base::Instant at) const;
  [[nodiscard]] base::Instant instant(LocalTime at) const;
  [[nodiscard]] std::chrono::local_days next_working_day(std::chrono::local_days day) const;

  Zone zone_ = Zone::metropole;
  unsigned weekdays_ = 0b0111110;  // bit 0: Sunday
  std::chrono::minutes opens_{9 * 60};
  std::chrono::minutes closes_{17 * 60};
  std::vector<std::chrono::local_days> closed_;  // ascending
};

}  // namespace relais::core
