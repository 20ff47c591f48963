#include "broker/cli/times.h"

#include <charconv>

#include <fmt/chrono.h>

#include "broker/base/time_text.h"

namespace relais::cli {

namespace {

std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
  unsigned value = 0;
  const auto part = text.substr(at, count);
  const auto read = std::from_chars(part.data(), part.data() + part.size(), value);
  if (read.ec != std::errc() || read.ptr != part.data() + part.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> utc_time(std::string_view text) {
  if (text.size() >= 20 && text[10] == 'T' && text.back() == 'Z') return std::string(text);
  if (text.size() != 16 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':') return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2);
  if (!year || !month || !day || !hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  const auto at = base::paris_time(static_cast<int>(*year), *month, *day,
                                   std::chrono::hours(*hour) + std::chrono::minutes(*minute));
  if (!at) return std::nullopt;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z",
                     fmt::gmtime(std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count()));
}

}  // namespace relais::cli
