#include "adapters/calendar/value_form.h"

#include <algorithm>
#include <chrono>

namespace relais::calendar {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool take_digits(std::string_view& text, std::size_t count, int& number) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_digit)) return false;
  number = 0;
  for (const char c : text.substr(0, count)) number = number * 10 + (c - '0');
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_digits(text, 4, year) || !take_digits(text, 2, month) || !take_digits(text, 2, day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool take_time(std::string_view& text) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_digits(text, 2, hour) || !take_digits(text, 2, minute) || !take_digits(text, 2, second)) return false;
  take(text, 'Z');
  return hour < 24 && minute < 60 && second <= 60;
}

bool is_date_time(std::string_view text) {
  return take_date(text) && take(text, 'T') && take_time(text) && text.empty();
}

bool is_date(std::string_view text) { return take_date(text) && text.empty(); }

bool is_time(std::string_view text) { return take_time(text) && text.empty(); }

/// One or more digits and a letter of `units`; each letter once, in their order.
bool take_parts(std::string_view& text, std::string_view units) {
  bool any = false;
  while (!text.empty() && is_digit(text.front())) {
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    if (digits == text.size() || digits > 9) return false;
    const auto unit = units.find(text[digits]);
    if (unit == std::string_view::npos) return false;
    units.remove_prefix(unit + 1);
    text.remove_prefix(digits + 1);
    any = true;
  }
  return any;
}

bool is_duration(std::string_view text) {
  if (!take(text, '+')) take(text, '-');
  if (!take(text, 'P')) return false;
  const bool days = take_parts(text, "WD");
  if (!take(text, 'T')) return days && text.empty();
  return take_parts(text, "HMS") && text.empty();
}

bool is_integer(std::string_view text) {
  if (!take(text, '+')) take(text, '-');
  return !text.empty() && text.size() <= 10 && std::ranges::all_of(text, is_digit);
}

bool is_float(std::string_view text) {
  if (!take(text, '+')) take(text, '-');
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto rest = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  return !whole.empty() && !rest.empty() && std::ranges::all_of(whole, is_digit) && std::ranges::all_of(rest, is_digit);
}

bool is_geo(std::string_view text) {
  const auto middle = text.find(';');
  return middle != std::string_view::npos && is_float(text.substr(0, middle)) && is_float(text.substr(middle + 1));
}

bool is_offset(std::string_view text) {
  if (!take(text, '+') && !take(text, '-')) return false;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!take_digits(text, 2, hours) || !take_digits(text, 2, minutes)) return false;
  if (!text.empty() && !take_digits(text, 2, seconds)) return false;
  return text.empty() && hours < 24 && minutes < 60 && seconds < 60;
}

bool is_boolean(std::string_view text) {
  return std::ranges::equal(text, std::string_view("true"), {}, [](char c) { return static_cast<char>(c | 0x20); }) ||
         std::ranges::equal(text, std::string_view("false"), {}, [](char c) { return static_cast<char>(c | 0x20); });
}

template <class Is>
bool each(std::string_view list, Is is) {
  for (;;) {
    const auto comma = list.find(',');
    if (!is(list.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool has_form(std::string_view type, std::string_view value) {
  if (type == "DATE") return each(value, is_date);
  if (type == "DATE-TIME") return each(value, is_date_time);
  if (type == "TIME") return each(value, is_time);
  if (type == "DURATION") return each(value, is_duration);
  if (type == "INTEGER") return each(value, is_integer);
  if (type == "FLOAT") return each(value, is_float);
  if (type == "BOOLEAN") return is_boolean(value);
  if (type == "UTC-OFFSET") return is_offset(value);
  if (type == "GEO") return is_geo(value);
  return true;
}

}  // namespace relais::calendar
