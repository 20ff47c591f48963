// All calendars of one adapter process.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/calendar/calendar.h"
#include "adapters/files/post.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::calendar {

/// Threads: those of sdk::Connector, and one for each calendar. `configs` and `clock` outlive it.
class CalendarConnector final : public sdk::Connector {
 public:
  CalendarConnector(const std::vector<CalendarConfig>& configs, const base::Clock& clock);
  ~CalendarConnector() override;

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId& message, std::uint64_t position) override;
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override;

 private:
  void look(Calendar& calendar, const std::stop_token& stop);

  const std::vector<CalendarConfig>& configs_;
  const base::Clock& clock_;
  std::unique_ptr<files::Post> post_;
  std::vector<std::unique_ptr<Calendar>> calendars_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<std::jthread> looking_;
};

}  // namespace relais::calendar
