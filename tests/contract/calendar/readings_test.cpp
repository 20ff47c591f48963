// Calendars published by others, read here by libical and beside it by Debian's python3-icalendar, which shares nothing
// with it: both find the same components and events, at the same instants. What is refused has its line and property.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/calendar/event.h"
#include "relais_paths.h"
#include "tests/contract/calendar/known_differences.h"
#include "tests/support/run_program.h"

namespace relais::calendar {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kVectors = fs::path(RELAIS_SOURCE) / "tests/data/ical";
constexpr std::int64_t kDaySeconds = 86'400;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// All files below a folder by name, as the other reader reads them.
Json read_otherwise(const fs::path& folder) {
  const auto run = tests::run_program("/usr/bin/python3 -B tests/contract/calendar/read_with_icalendar.py '" +
                                      folder.string() + "' 2>&1");
  return Json::parse(run.output);
}

const Json& other_readings() {
  static const Json kReadings = read_otherwise(kVectors);
  return kReadings;
}

void count(const std::vector<IcalComponent>& components, Json& counts) {
  for (const auto& component : components) {
    counts[component.name] = counts.value(component.name, 0) + 1;
    count(component.components, counts);
  }
}

void collect_events(const std::vector<IcalComponent>& components, std::vector<const IcalComponent*>& events) {
  for (const auto& component : components) {
    if (component.name == "VEVENT") events.push_back(&component);
    collect_events(component.components, events);
  }
}

Json text_of(const IcalComponent& event, std::string_view name) {
  const auto* const property = event.find(name);
  return property == nullptr ? Json() : Json(property->values.front());
}

/// As the other reader gives it: seconds since 1970, or a day.
Json time_of(const IcalDocument& document, const IcalComponent& event, std::string_view name) {
  const auto* const property = event.find(name);
  if (property == nullptr) return {};
  const auto moment = document.moment(*property, "Europe/Paris");
  if (const auto* const fault = std::get_if<IcalFault>(&moment)) return text(*fault);
  if (!std::get<Moment>(moment).all_day) return std::get<Moment>(moment).ms / 1'000;
  const auto& day = property->values.front();
  return day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2);
}

Json end_of(const IcalDocument& document, const IcalComponent& event, const Json& start) {
  const auto* const duration = event.find("DURATION");
  if (event.find("DTEND") != nullptr || duration == nullptr || !start.is_number())
    return time_of(document, event, "DTEND");
  const auto lasts = IcalDocument::duration_ms(*duration);
  if (const auto* const fault = std::get_if<IcalFault>(&lasts)) return text(*fault);
  return start.get<std::int64_t>() + std::get<std::int64_t>(lasts) / 1'000;
}

Json reading_of(const IcalDocument& document) {
  Json components = Json::object();
  count(document.components(), components);
  std::vector<const IcalComponent*> found;
  collect_events(document.components(), found);
  Json events = Json::array();
  for (const auto* const event : found) {
    const auto start = time_of(document, *event, "DTSTART");
    const auto sequence = text_of(*event, "SEQUENCE");
    events.push_back({{"uid", text_of(*event, "UID")},
                      {"sequence", sequence.is_null() ? Json() : Json(std::stoi(sequence.get<std::string>()))},
                      {"status", text_of(*event, "STATUS")},
                      {"start", start},
                      {"end", end_of(document, *event, start)}});
  }
  return {{"components", components}, {"events", events}};
}

/// Without what is only there to judge by.
Json comparable(const Json& other) {
  Json reading = {{"components", other.at("components")}, {"events", other.at("events")}};
  for (auto& event : reading.at("events")) event.erase("recurring");
  return reading;
}

void without_times(Json& reading) {
  for (auto& event : reading.at("events"))
    for (const auto* const name : {"start", "end"}) event.erase(name);
}

/// Whether the other reading gives a reason for the rule by which an event is none that can be carried.
bool bears_out(const Json& other, const IcalFault& fault) {
  const auto& events = other.at("events");
  if (fault.rule == "event.none") return events.empty() || !other.at("components").contains("VCALENDAR");
  if (fault.rule == "event.several") return events.size() > 1;
  if (fault.rule == "event.method") return !other.at("methods").empty();
  if (events.size() != 1) return false;
  const auto& event = events.front();
  const auto& start = event.at("start");
  const auto& end = event.at("end");
  if (fault.rule == "event.recurring") return event.at("recurring").get<bool>();
  if (fault.rule == "event.all_day") return start.is_string();
  if (fault.rule == "event.no_end") return end.is_null() || end <= start;
  if (fault.rule == "event.too_long") return end.get<std::int64_t>() - start.get<std::int64_t>() > kDaySeconds;
  if (fault.rule == "property.missing") return (fault.property == "UID" ? event.at("uid") : start).is_null();
  return false;
}

/// Whether the only event is what the other reader found.
bool is_the_same(const Json& other, const Event& event) {
  if (other.at("events").size() != 1) return false;
  const auto& found = other.at("events").front();
  const auto& status = found.at("status");
  const auto name = event.state.status == EventStatus::cancelled   ? "CANCELLED"
                    : event.state.status == EventStatus::tentative ? "TENTATIVE"
                                                                   : "CONFIRMED";
  return found.at("uid") == event.uid &&
         (found.at("sequence").is_null() ? Json(0) : found.at("sequence")) == event.sequence &&
         found.at("start") == event.state.start_ms / 1'000 && found.at("end") == event.state.end_ms / 1'000 &&
         (status.is_null() ? Json("CONFIRMED") : status) == name && !found.at("recurring").get<bool>();
}

TEST(IcalReadings, are_those_of_another_reader_or_a_fault_with_line_and_property) {
  std::size_t compared = 0;
  for (const auto& [name, other] : other_readings().items()) {
    const auto read = IcalDocument::read(bytes_of(kVectors / name));
    if (const auto* const fault = std::get_if<IcalFault>(&read)) {
      const auto expected = kRefused.find(name);
      EXPECT_EQ(expected == kRefused.end() ? "it is read" : expected->second, text(*fault)) << name;
      continue;
    }
    EXPECT_EQ(0U, kRefused.count(name)) << name << " is read";
    const bool only_here = kReadHereOnly.contains(name);
    EXPECT_EQ(only_here, other.contains("fault")) << name << ": " << other.value("fault", "");
    if (other.contains("fault")) continue;
    ++compared;
    auto ours = reading_of(std::get<IcalDocument>(read));
    auto theirs = comparable(other);
    if (kUnknownZones.contains(name)) {
      for (const auto& event : ours.at("events"))
        EXPECT_THAT(event.at("start").dump(), testing::ContainsRegex("line [0-9]+, DTSTART: zone.unknown")) << name;
      without_times(ours);
      without_times(theirs);
    }
    EXPECT_EQ(theirs, ours) << name << ": " << Json::diff(theirs, ours).dump();
  }
  EXPECT_EQ(156U, other_readings().size());
  EXPECT_EQ(156U - kRefused.size() - kReadHereOnly.size(), compared);
}

TEST(IcalReadings, that_are_no_appointment_are_refused_for_a_reason_that_another_reader_sees) {
  std::size_t judged = 0;
  for (const auto& [name, other] : other_readings().items()) {
    const auto read = IcalDocument::read(bytes_of(kVectors / name));
    if (std::holds_alternative<IcalFault>(read) || other.contains("fault")) continue;
    ++judged;
    const auto event = read_event(std::get<IcalDocument>(read), {});
    if (const auto* const fault = std::get_if<IcalFault>(&event)) {
      EXPECT_TRUE(bears_out(other, *fault)) << name << ": " << text(*fault) << " " << other.dump();
      EXPECT_TRUE(fault->line != 0 && !fault->property.empty()) << name << ": " << text(*fault);
    } else {
      EXPECT_TRUE(is_the_same(other, std::get<Event>(event))) << name << ": " << other.dump();
    }
  }
  EXPECT_EQ(156U - kRefused.size() - kReadHereOnly.size(), judged);
}

// Not in this repository: some of them only may be shared alike.
TEST(IcalReadings, of_calendars_beside_this_repository_are_those_of_another_reader) {
  std::size_t compared = 0;
  for (const auto* const part : {"rdv", "jours-feries"}) {
    const auto folder = fs::path(RELAIS_SOURCE) / "../shared/data" / part;
    if (!fs::exists(folder)) continue;
    const auto others = read_otherwise(folder);
    for (const auto& [name, other] : others.items()) {
      ++compared;
      const auto read = IcalDocument::read(bytes_of(folder / name));
      if (const auto* const fault = std::get_if<IcalFault>(&read))
        ADD_FAILURE() << name << ": " << text(*fault);
      else
        EXPECT_EQ(comparable(other), reading_of(std::get<IcalDocument>(read))) << name;
    }
  }
  if (compared == 0) GTEST_SKIP() << "no calendars in ../shared/data/rdv and ../shared/data/jours-feries";
}

}  // namespace
}  // namespace relais::calendar
