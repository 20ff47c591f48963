#include "adapters/postgres/row.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "broker/base/ids.h"

namespace relais::postgres {

namespace {

/// Takes `digits` digits and then `after` (no character when 0) from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char after) {
  if (text.size() < digits + (after == 0 ? 0 : 1)) return std::nullopt;
  int value = 0;
  const auto* const end = text.data() + digits;
  if (const auto read = std::from_chars(text.data(), end, value); read.ec != std::errc() || read.ptr != end)
    return std::nullopt;
  text.remove_prefix(digits);
  if (after != 0) {
    if (text.front() != after) return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

/// Milliseconds of ".123456"; 0 without a fraction.
std::optional<int> take_fraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0;
  text.remove_prefix(1);
  int ms = 0;
  int weight = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, weight /= 10)
    ms += (text[digits] - '0') * weight;
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return ms;
}

/// How far ahead of UTC: "+02", "-03:30", in times long past also "+00:09:21".
std::optional<std::chrono::seconds> take_offset(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool behind = text.front() == '-';
  text.remove_prefix(1);
  std::chrono::seconds offset{0};
  auto unit = std::chrono::seconds(std::chrono::hours(1));
  for (int part = 0; part < 3; ++part, unit /= 60) {
    if (part > 0) {
      if (text.empty() || text.front() != ':') break;
      text.remove_prefix(1);
    }
    const auto value = take_number(text, 2, 0);
    if (!value || *value > 59) return std::nullopt;
    offset += *value * unit;
  }
  return behind ? -offset : offset;
}

}  // namespace

std::string_view cell(const mapping::SqlRow& row, std::string_view column) {
  const auto found = std::ranges::find(row.columns, column, [](const auto& c) { return std::string_view(c.first); });
  if (found == row.columns.end() || !found->second) return {};
  return *found->second;
}

mapping::SqlRow row_of(const Rows& rows, int row) {
  mapping::SqlRow answer;
  answer.columns.reserve(static_cast<std::size_t>(rows.columns()));
  for (int column = 0; column < rows.columns(); ++column) {
    std::optional<std::string> value;
    if (!rows.is_null(row, column)) value = std::string(rows.text(row, column));
    answer.columns.emplace_back(std::string(rows.column_name(column)), std::move(value));
  }
  return answer;
}

std::optional<std::int64_t> time_from_text(std::string_view text) {
  const auto year = take_number(text, 4, '-');
  const auto month = year ? take_number(text, 2, '-') : std::nullopt;
  const auto day = month ? take_number(text, 2, ' ') : std::nullopt;
  const auto hour = day ? take_number(text, 2, ':') : std::nullopt;
  const auto minute = hour ? take_number(text, 2, ':') : std::nullopt;
  const auto second = minute ? take_number(text, 2, 0) : std::nullopt;
  if (!second) return std::nullopt;
  const auto ms = take_fraction(text);
  const auto offset = ms ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto instant = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                       std::chrono::seconds(*second) + std::chrono::milliseconds(*ms) - *offset;
  return std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch()).count();
}

std::string time_text(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> instant{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const auto rest = (instant - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}+00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3'600'000,
                     rest / 60'000 % 60, rest / 1'000 % 60, rest % 1'000);
}

Parameter or_null(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

Parameter uuid(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  return base::id_text(bytes);
}

}  // namespace relais::postgres
