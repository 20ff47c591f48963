// relais-calendar: connects an institution's calendar on a CalDAV server.
#include "adapters/calendar/config.h"
#include "adapters/calendar/connector.h"

int main(int argc, char** argv) {
  using namespace relais;
  return sdk::run_connector<calendar::CalendarConnector>(
      argc, argv, "relais-calendar",
      "Connects an institution's calendar on a CalDAV server to Relais: appointments as iCalendar.",
      calendar::read_calendars, calendar::fit_to);
}
