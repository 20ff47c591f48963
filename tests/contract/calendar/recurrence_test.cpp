// The recurrence rules that libical tests itself with. An appointment of Relais happens once, so each of them is
// refused, by its line and by the rule; what was read of it until then is what was written.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "adapters/calendar/event.h"
#include "relais_paths.h"

namespace relais::calendar {
namespace {

struct Recurrence {
  std::string rule;
  std::string start;
  int line = 0;
};

std::vector<Recurrence> recurrences() {
  std::ifstream file(std::string(RELAIS_SOURCE) + "/tests/data/ical/libical/icalrecur_test.txt");
  std::vector<Recurrence> all;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.starts_with("RRULE:")) all.push_back({line, {}, number});
    if (line.starts_with("DTSTART:")) all.back().start = line;
  }
  return all;
}

/// Each part with its values, in no order: "BYDAY=SU,MO" and "BYDAY=MO,SU" are the same. Without what says nothing: a
/// week begins on Monday, and the interval is one.
std::map<std::string, std::set<std::string>> parts_of(const std::string& rule) {
  std::map<std::string, std::set<std::string>> parts;
  std::istringstream all(rule);
  for (std::string part; std::getline(all, part, ';');) {
    if (part == "WKST=MO" || part == "INTERVAL=1") continue;
    auto& values = parts[part.substr(0, part.find('='))];
    std::istringstream list(part.substr(part.find('=') + 1));
    for (std::string value; std::getline(list, value, ',');) values.insert(value);
  }
  return parts;
}

TEST(Recurrence, is_refused_by_its_line_and_read_as_it_was_written) {
  const auto all = recurrences();
  EXPECT_EQ(146U, all.size());
  for (const auto& one : all) {
    const auto read = IcalDocument::read("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n" + one.start +
                                         "\r\nDURATION:PT30M\r\n" + one.rule + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    if (const auto* const fault = std::get_if<IcalFault>(&read)) {
      ADD_FAILURE() << one.line << ": " << text(*fault);
      continue;
    }
    const auto& document = std::get<IcalDocument>(read);
    const auto event = read_event(document, {});
    const auto* const fault = std::get_if<IcalFault>(&event);
    ASSERT_NE(nullptr, fault) << one.line;
    EXPECT_EQ("line 6, RRULE: event.recurring", text(*fault)) << one.line;
    const auto* const rule = document.components().front().components.front().find("RRULE");
    EXPECT_EQ(parts_of(one.rule.substr(6)), parts_of(rule->values.front())) << one.line << ": " << rule->values.front();
  }
}

}  // namespace
}  // namespace relais::calendar
