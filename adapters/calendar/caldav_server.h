// A calendar on a CalDAV server (RFC 4791, RFC 6578), over HTTP.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/calendar/calendar_server.h"
#include "adapters/http/target.h"

namespace relais::calendar {

struct CalDavOptions {
  http::Target collection;  // its path ends with "/"
  std::string user;         // both empty: none is asked for
  std::string password;
  std::filesystem::path ca_file;  // empty: the system's
  std::chrono::milliseconds timeout{20'000};
};

/// Redirections are not followed: a password goes where the settings say.
std::unique_ptr<CalendarServer> new_caldav_server(CalDavOptions options);

}  // namespace relais::calendar
