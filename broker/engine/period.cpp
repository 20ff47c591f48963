#include "broker/engine/period.h"

#include <charconv>

#include "broker/base/time_text.h"
#include "broker/engine/durable_rows.h"

namespace relais::engine {

namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

std::optional<Period> between(std::chrono::year_month_day begin, std::chrono::year_month_day end) {
  const auto at = [](std::chrono::year_month_day day) {
    return base::paris_time(static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                            static_cast<unsigned>(day.day()), std::chrono::seconds(0));
  };
  const auto from = at(begin);
  const auto until = at(end);
  if (!from || !until) return std::nullopt;
  return Period{*from, *until};
}

/// The first record of `at` or later; one behind the last when there is none. The times of records never decrease.
core::Position first_at(const journal::Store& store, base::Instant at) {
  core::Position low = 1;
  core::Position high = store.durable().position + 1;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto record = record_at(store, middle);
    if (record && base::from_ms(record->at_ms()) < at)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace

std::optional<Period> month_of(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5));
  if (!year || !month || *month < 1 || *month > 12) return std::nullopt;
  const std::chrono::year_month_day first(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                          std::chrono::day(1));
  return between(first, first + std::chrono::months(1));
}

std::optional<Period> day_of(std::string_view text) {
  if (text.size() != 10 || text[7] != '-' || !month_of(text.substr(0, 7))) return std::nullopt;
  const auto day = number(text.substr(8));
  if (!day || *day < 1) return std::nullopt;
  const auto month = std::chrono::month(static_cast<unsigned>(*number(text.substr(5, 2))));
  const std::chrono::year_month_day wanted(std::chrono::year(*number(text.substr(0, 4))), month,
                                           std::chrono::day(static_cast<unsigned>(*day)));
  if (!wanted.ok()) return std::nullopt;
  return between(wanted, std::chrono::year_month_day(std::chrono::sys_days(wanted) + std::chrono::days(1)));
}

base::Status each_record(const journal::Store& store, const Period& period,
                         const std::function<void(const v1::Record&)>& visit) {
  const auto first = first_at(store, period.begin);
  if (first > store.durable().position) return base::Done{};
  const auto end = store.replay(first, [&](const journal::StoredRecord& stored) {
    const auto record = core::State::parse<v1::Record>(stored.bytes);
    if (base::from_ms(record.at_ms()) >= period.end) return false;
    visit(record);
    return true;
  });
  if (!end) return end.refusal();
  return base::Done{};
}

}  // namespace relais::engine
