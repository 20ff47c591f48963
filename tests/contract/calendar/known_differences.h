// Of the calendars in tests/data/ical: which are refused and why, and which another reader does not read, or otherwise.
#pragma once

#include <map>
#include <set>
#include <string>

namespace relais::calendar {

/// File: line, property and rule. What stands there breaks RFC 5545, or is a name that libical 3.0 does not know.
extern const std::map<std::string, std::string> kRefused;

/// Files that python3-icalendar 4.0.3 does not read, and what it stumbles over.
extern const std::map<std::string, std::string> kReadHereOnly;

/// Times in zones that neither the file describes nor the machine knows. They are refused where they are needed;
/// python3-icalendar takes them for times without a zone.
extern const std::set<std::string> kUnknownZones;

}  // namespace relais::calendar
