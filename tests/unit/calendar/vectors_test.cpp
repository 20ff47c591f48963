// Calendars published by others: each gives the right reading, compared with the jCal (RFC 7265) beside it, or a clear
// error that names line and property.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/calendar/event.h"
#include "relais_paths.h"

namespace relais::calendar {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kVectors = fs::path(RELAIS_SOURCE) / "tests/data/ical";

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// "20120901T130000Z" as "2012-09-01T13:00:00Z"; a date and a time the same way.
std::string extended(const std::string& text) {
  const auto time = text.find('T');
  std::string date = time == std::string::npos ? text : text.substr(0, time);
  std::string clock = time == std::string::npos ? "" : text.substr(time + 1);
  if (time == std::string::npos && text.size() <= 7) std::swap(date, clock);
  std::string whole;
  if (!date.empty()) whole = date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6);
  if (!date.empty() && !clock.empty()) whole += "T";
  if (!clock.empty()) whole += clock.substr(0, 2) + ":" + clock.substr(2, 2) + ":" + clock.substr(4);
  return whole;
}

Json numbers_of(const std::string& list) {
  Json numbers = Json::array();
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    const bool number = part.find_first_not_of("+-0123456789") == std::string::npos;
    numbers.push_back(number ? Json(std::stoi(part)) : Json(part));
  }
  return numbers.size() == 1 ? numbers.front() : numbers;
}

Json recurrence(const std::string& rule) {
  Json parts = Json::object();
  std::istringstream all(rule);
  for (std::string part; std::getline(all, part, ';');) {
    const auto equals = part.find('=');
    const auto name = lower(part.substr(0, equals));
    const auto value = part.substr(equals + 1);
    if (name == "until")
      parts[name] = extended(value);
    else
      parts[name] = numbers_of(value);
  }
  return parts;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream all(text);
  for (std::string part; std::getline(all, part, ';');) parts.push_back(part);
  return parts;
}

Json value_of(const IcalProperty& property, const std::string& value) {
  const auto& type = property.type;
  if (type == "DATE" || type == "DATE-TIME" || type == "TIME") return extended(value);
  if (type == "INTEGER") return std::stoi(value);
  if (type == "FLOAT") return std::stod(value);
  if (type == "BOOLEAN") return lower(value) == "true" || value == "1";
  if (type == "RECUR") return recurrence(value);
  if (type == "GEO") {
    const auto parts = split(value);
    return Json::array({std::stod(parts[0]), std::stod(parts[1])});
  }
  if (type == "REQUEST-STATUS") return split(value);
  return value;
}

/// The names that jCal gives to what libical calls by the property's name.
std::string type_of(const IcalProperty& property) {
  static const std::map<std::string, std::string> kTypes = {
      {"GEO", "float"}, {"REQUEST-STATUS", "text"}, {"X", "unknown"}, {"ATTACH", "uri"}};
  if (property.type == "ATTACH" && property.parameter("VALUE") == "BINARY") return "binary";
  const auto found = kTypes.find(property.type);
  return found == kTypes.end() ? lower(property.type) : found->second;
}

Json jcal(const IcalComponent& component) {
  Json properties = Json::array();
  for (const auto& property : component.properties) {
    Json parameters = Json::object();
    for (const auto& parameter : property.parameters) {
      if (parameter.name == "VALUE") continue;  // jCal says it by the type
      parameters[lower(parameter.name)] =
          parameter.values.size() == 1 ? Json(parameter.values.front()) : Json(parameter.values);
    }
    Json one = {lower(property.name), parameters, type_of(property)};
    for (const auto& value : property.values) one.push_back(value_of(property, value));
    properties.push_back(one);
  }
  Json components = Json::array();
  for (const auto& inner : component.components) components.push_back(jcal(inner));
  return {lower(component.name), properties, components};
}

TEST(IcalVectors, give_the_reading_beside_them_or_a_fault_with_its_place) {
  // What libical does not read: groups, as in vCard; and two values that are none, which others take for 0 and false.
  const std::map<std::string, std::string> faults = {
      {"grouped", "line 2, GROUP1.X-TEST: property.unknown"},
      {"integer", "line 3, X-INVALID: value.malformed"},
      {"float", "line 3, X-INVALID-FLOAT: value.malformed"},
      {"boolean", "line 4, X-MAYBE: value.malformed"},
  };
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(kVectors / "icaljs-parser")) {
    if (entry.path().extension() != ".ics") continue;
    const auto name = entry.path().stem().string();
    const auto read = IcalDocument::read(bytes_of(entry.path()));
    ++compared;
    if (const auto* const fault = std::get_if<IcalFault>(&read)) {
      const auto expected = faults.find(name);
      EXPECT_EQ(expected == faults.end() ? "none" : expected->second, text(*fault)) << name;
      continue;
    }
    EXPECT_EQ(0U, faults.count(name)) << name;
    const auto& components = std::get<IcalDocument>(read).components();
    const auto wanted = Json::parse(bytes_of(entry.path().parent_path() / (name + ".json")));
    ASSERT_EQ(1U, components.size()) << name;
    EXPECT_EQ(wanted, jcal(components.front())) << name << ": " << Json::diff(wanted, jcal(components.front())).dump();
  }
  EXPECT_EQ(16, compared);
}

TEST(IcalVectors, from_the_field_are_read_or_refused_with_their_place_and_judged_as_events) {
  int read_count = 0;
  int refused_count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kVectors)) {
    if (entry.path().extension() != ".ics") continue;
    const auto name = fs::relative(entry.path(), kVectors).string();
    const auto read = IcalDocument::read(bytes_of(entry.path()));
    if (const auto* const fault = std::get_if<IcalFault>(&read)) {
      ++refused_count;
      EXPECT_TRUE(fault->line != 0 || fault->rule == "component.none") << name << ": " << text(*fault);
      continue;
    }
    ++read_count;
    const auto event = read_event(std::get<IcalDocument>(read), {});
    if (const auto* const fault = std::get_if<IcalFault>(&event)) {
      EXPECT_NE(0U, fault->line) << name << ": " << text(*fault);
      continue;
    }
    const auto& state = std::get<Event>(event).state;
    EXPECT_LT(state.start_ms, state.end_ms) << name;
  }
  EXPECT_GE(read_count, 90);
  EXPECT_GE(refused_count, 10);
}

TEST(IcalVectors, meetings_in_known_zones_are_at_the_right_moment) {
  const auto zone = bytes_of(kVectors / "Europe-Paris.vtimezone.ics");
  const auto first = zone.find("BEGIN:VTIMEZONE");
  const auto last = zone.find("END:VTIMEZONE");
  ASSERT_NE(std::string::npos, last);
  const auto described = zone.substr(first, last - first) + "END:VTIMEZONE\r\n";
  const auto event_at = [&](const std::string& zones, const std::string& start) {
    const auto read = IcalDocument::read("BEGIN:VCALENDAR\r\n" + zones + "BEGIN:VEVENT\r\nUID:a\r\n" + start +
                                         "\r\nDURATION:PT30M\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    const auto event = read_event(std::get<IcalDocument>(read), {});
    return std::holds_alternative<Event>(event) ? std::get<Event>(event).state.start_ms : -1;
  };
  // 2027-07-05 and 2027-12-06, 09:00 in Paris.
  for (const auto& zones : {std::string(), described}) {
    EXPECT_EQ(1'814'770'800'000, event_at(zones, "DTSTART;TZID=Europe/Paris:20270705T090000"));
    EXPECT_EQ(1'828'080'000'000, event_at(zones, "DTSTART;TZID=Europe/Paris:20271206T090000"));
  }
  EXPECT_EQ(1'828'080'000'000, event_at("", "DTSTART:20271206T080000Z"));
  EXPECT_EQ(1'828'080'000'000, event_at("", "DTSTART:20271206T090000"));
}

}  // namespace
}  // namespace relais::calendar
