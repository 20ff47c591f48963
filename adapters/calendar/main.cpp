// relais-calendar: connects an institution's calendar on a CalDAV server.
#include "adapters/calendar/config.h"
#include "adapters/calendar/connector.h"
#include "adapters/sdk/run_adapter.h"

int main(int argc, char** argv) {
  using namespace relais;
  const base::SystemClock clock;
  std::vector<calendar::CalendarConfig> calendars;
  sdk::Program program;
  program.name = "relais-calendar";
  program.summary = "Connects an institution's calendar on a CalDAV server to Relais: appointments as iCalendar.";
  program.read_tables = [&](base::TableReader& whole, const std::filesystem::path& folder) {
    calendars = calendar::read_calendars(whole, folder);
  };
  program.make = [&](const sdk::AdapterConfig& config) -> base::Result<std::unique_ptr<sdk::Connector>> {
    if (auto fits = calendar::fit_to(config, calendars); !fits) return fits.refusal();
    return std::unique_ptr<sdk::Connector>(std::make_unique<calendar::CalendarConnector>(calendars, clock));
  };
  return sdk::run_adapter(argc, argv, program);
}
