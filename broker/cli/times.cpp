#include "broker/cli/times.h"

#include <chrono>
#include <optional>
#include <sstream>

#include <fmt/chrono.h>

#include "broker/base/time_text.h"

namespace relais::cli {

namespace {

using namespace std::chrono;

bool in_utc(const std::string& text) { return text.size() >= 20 && text[10] == 'T' && text.back() == 'Z'; }

/// The whole of `text`, as strptime() reads it.
std::optional<std::tm> parsed(const std::string& text, const char* format) {
  std::tm read{};
  const char* const end = ::strptime(text.c_str(), format, &read);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return read;
}

std::optional<std::string> in_paris(const year_month_day& day, seconds of_day) {
  const auto at = base::paris_time(int(day.year()), unsigned(day.month()), unsigned(day.day()), of_day);
  if (!at) return std::nullopt;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(floor<seconds>(*at).time_since_epoch().count()));
}

year_month_day day_of(const std::tm& read) {
  return {year(read.tm_year + 1900), month(static_cast<unsigned>(read.tm_mon + 1)),
          day(static_cast<unsigned>(read.tm_mday))};
}

base::Refusal unreadable(const char* field, const char* why) {
  return base::refuse(base::RefusalCode::input_invalid, field, {{"field", field}, {"why", why}});
}

base::Result<std::string> day_instant(const std::string& text, const char* field, days later) {
  if (text.empty() || in_utc(text)) return text;
  if (const auto read = text.size() == 10 ? parsed(text, "%Y-%m-%d") : std::nullopt; read && day_of(*read).ok())
    if (auto at = in_paris(sys_days(day_of(*read)) + later, seconds(0))) return *std::move(at);
  return unreadable(field, "a day such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z");
}

}  // namespace

base::Result<std::string> instant(const std::string& text, const char* field) {
  if (in_utc(text)) return text;
  if (const auto read = text.size() == 16 ? parsed(text, "%Y-%m-%d %H:%M") : std::nullopt; read && day_of(*read).ok())
    if (auto at = in_paris(day_of(*read), hours(read->tm_hour) + minutes(read->tm_min))) return *std::move(at);
  return unreadable(field, "a time is \"2026-01-31 14:05\" (Paris) or 2026-01-31T13:05:00Z");
}

base::Result<std::string> first_instant(const std::string& text, const char* field) {
  return day_instant(text, field, days(0));
}

base::Result<std::string> last_instant(const std::string& text, const char* field) {
  return day_instant(text, field, days(1));
}

}  // namespace relais::cli
