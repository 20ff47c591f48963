#include "adapters/calendar/connector.h"

namespace relais::calendar {

namespace {
// Nothing can be submitted before a network definition is there; a look before that would find out the same.
constexpr std::chrono::seconds kWaitForNetwork{1};
}  // namespace

CalendarConnector::CalendarConnector(const std::vector<CalendarConfig>& configs, const base::Clock& clock)
    : configs_(configs), clock_(clock) {}

CalendarConnector::~CalendarConnector() { stop(); }

base::Status CalendarConnector::start(sdk::Adapter& adapter) {
  post_ = std::make_unique<files::AdapterPost>(adapter);
  for (const auto& config : configs_)
    calendars_.push_back(std::make_unique<Calendar>(
        *post_, config, new_caldav_server(config.server), [&adapter] { return adapter.network(); }, clock_));
  for (const auto& calendar : calendars_)
    looking_.emplace_back([this, &adapter, &calendar = *calendar](const std::stop_token& stop) {
      while (!stop.stop_requested() && !adapter.wait_for_network(kWaitForNetwork)) {
      }
      look(calendar, stop);
    });
  return base::Done{};
}

void CalendarConnector::stop() {
  for (const auto& calendar : calendars_) calendar->stop();
  for (auto& thread : looking_) thread.request_stop();
  looking_.clear();
}

void CalendarConnector::look(Calendar& calendar, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto pause = calendar.round();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, pause, [] { return false; });
  }
}

sdk::Verdict CalendarConnector::on_message(const sdk::Incoming& message) {
  for (const auto& calendar : calendars_)
    if (calendar->institution() == message.recipient) return calendar->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

void CalendarConnector::on_receipt(const base::MessageId& message, std::uint64_t position) {
  for (const auto& calendar : calendars_) calendar->receipt(message, position);
}

// The next round finds it among Adapter::refused(), where it stays until the calendar is put back.
void CalendarConnector::on_refused(const base::MessageId&, const v1::Refused&) {}

}  // namespace relais::calendar
