#include "adapters/calendar/ical_document.h"

#include <algorithm>
#include <map>

#include "adapters/calendar/ical_handle.h"
#include "adapters/calendar/value_form.h"

namespace relais::calendar {

namespace {

constexpr std::size_t kDepthMost = 16;
constexpr std::int64_t kMsPerSecond = 1'000;

std::string taken(char* owned_by_caller) {
  if (owned_by_caller == nullptr) return {};
  std::string copy(owned_by_caller);
  icalmemory_free_buffer(owned_by_caller);
  return copy;
}

/// What libical objects to, as a rule of ours. Its own sentences may repeat a value.
std::string rule_of(icalproperty* error) {
  auto* const parameter = icalproperty_get_first_parameter(error, ICAL_XLICERRORTYPE_PARAMETER);
  switch (parameter == nullptr ? ICAL_XLICERRORTYPE_NONE : icalparameter_get_xlicerrortype(parameter)) {
    case ICAL_XLICERRORTYPE_PROPERTYPARSEERROR:
      return "property.unknown";
    case ICAL_XLICERRORTYPE_PARAMETERNAMEPARSEERROR:
    case ICAL_XLICERRORTYPE_PARAMETERVALUEPARSEERROR:
      return "parameter.malformed";
    case ICAL_XLICERRORTYPE_COMPONENTPARSEERROR:
      return "line.malformed";
    default:
      return "value.malformed";
  }
}

std::string value_text(icalproperty* property) {
  const auto* const value = icalproperty_get_value(property);
  if (value == nullptr) return {};
  if (icalvalue_isa(value) == ICAL_TEXT_VALUE) {
    const char* const plain = icalvalue_get_text(value);
    return plain == nullptr ? std::string() : std::string(plain);
  }
  return taken(icalvalue_as_ical_string_r(value));
}

/// What of a line decides how its value is read. libical takes a backslash among the parameters for a mark of its own,
/// which it is not; they were read before.
std::string essence(const ContentLine& line) {
  std::string text = line.name;
  for (const auto& parameter : line.parameters)
    if ((parameter.name == "VALUE" || parameter.name == "ENCODING") && parameter.values.size() == 1)
      text += ";" + parameter.name + "=\"" + parameter.values.front() + "\"";
  return text + ":" + line.value;
}

/// One line, as libical reads it: several properties when it splits a list.
std::variant<IcalProperty, IcalFault> read_property(const ContentLine& line, icalcomponent& into) {
  const std::string text = "BEGIN:VEVENT\r\n" + essence(line) + "\r\nEND:VEVENT\r\n";
  const ComponentHandle around(icalparser_parse_string(text.c_str()));
  if (!around) return IcalFault{"line.malformed", line.line, line.name};
  IcalProperty read{line.line, line.name, line.parameters, {}, {}};
  std::vector<icalproperty*> parts;
  for (auto* part = icalcomponent_get_first_property(around.get(), ICAL_ANY_PROPERTY); part != nullptr;
       part = icalcomponent_get_next_property(around.get(), ICAL_ANY_PROPERTY)) {
    // A text may be empty; libical alone takes that for a fault.
    if (icalproperty_isa(part) == ICAL_XLICERROR_PROPERTY)
      return IcalFault{line.value.empty() ? "value.empty" : rule_of(part), line.line, line.name};
    parts.push_back(part);
  }
  if (parts.empty()) return IcalFault{"value.malformed", line.line, line.name};
  for (auto* const part : parts) {
    const auto* const value = icalproperty_get_value(part);
    read.type = value == nullptr ? "X" : icalvalue_kind_to_string(icalvalue_isa(value));
    read.values.push_back(value_text(part));
    icalcomponent_remove_property(around.get(), part);
    icalcomponent_add_property(&into, part);
  }
  // Two types that libical does not give as they are written.
  if (read.type == "X" && upper(read.parameter("VALUE")) == "TIME") read.type = "TIME";
  if (read.type == "REQUEST-STATUS") read.values = {line.value};
  // libical takes whatever begins like a number or a date for one.
  if (!has_form(read.type, line.value)) return IcalFault{"value.malformed", line.line, line.name};
  return read;
}

/// The rule of a zone that would not do. libical lists every change of the clocks from the first one on: a rule for
/// each second would never end.
const IcalProperty* endless_rule(const IcalComponent& observance) {
  if (observance.name != "STANDARD" && observance.name != "DAYLIGHT") return nullptr;
  for (const auto& property : observance.properties) {
    if (property.name != "RRULE") continue;
    const auto has = [rule = upper(property.values.front())](std::string_view part) {
      return rule.find(part) != rule.npos;
    };
    if (!has("FREQ=YEARLY") || has("BYHOUR") || has("BYMINUTE") || has("BYSECOND")) return &property;
  }
  return nullptr;
}

struct Opened {
  IcalComponent component;
  ComponentHandle handle;
};

}  // namespace

struct IcalDocument::Zones {
  std::vector<ComponentHandle> calendars;
};

IcalDocument::IcalDocument() : zones_(std::make_unique<Zones>()) {}
IcalDocument::~IcalDocument() = default;
IcalDocument::IcalDocument(IcalDocument&&) noexcept = default;
IcalDocument& IcalDocument::operator=(IcalDocument&&) noexcept = default;

std::string IcalProperty::parameter(std::string_view upper_name) const {
  const auto found = std::ranges::find(parameters, upper_name, &Parameter::name);
  return found == parameters.end() || found->values.empty() ? std::string() : found->values.front();
}

const IcalProperty* IcalComponent::find(std::string_view upper_name) const {
  const auto found = std::ranges::find(properties, upper_name, &IcalProperty::name);
  return found == properties.end() ? nullptr : &*found;
}

std::variant<IcalDocument, IcalFault> IcalDocument::read(std::string_view bytes) {
  prepare_libical();
  auto lines = read_content_lines(bytes);
  if (auto* const fault = std::get_if<IcalFault>(&lines)) return std::move(*fault);
  IcalDocument document;
  std::vector<Opened> open;
  for (const auto& line : std::get<std::vector<ContentLine>>(lines)) {
    if (line.name == "BEGIN") {
      const auto name = upper(line.value);
      const auto kind = icalcomponent_string_to_kind(name.c_str());
      if (kind == ICAL_NO_COMPONENT) return IcalFault{"component.unknown", line.line, line.name};
      if (open.size() == kDepthMost) return IcalFault{"component.too_deep", line.line, line.name};
      open.push_back(
          {{line.line, name, {}, {}},
           ComponentHandle(kind == ICAL_X_COMPONENT ? icalcomponent_new_x(name.c_str()) : icalcomponent_new(kind))});
    } else if (line.name == "END") {
      if (open.empty() || open.back().component.name != upper(line.value))
        return IcalFault{"component.unexpected_end", line.line, line.name};
      auto ended = std::move(open.back());
      open.pop_back();
      // A zone without a name can not be named.
      if (ended.component.name == "VTIMEZONE" && ended.component.find("TZID") == nullptr)
        return IcalFault{"property.missing", ended.component.line, "TZID"};
      if (const auto* const rule = endless_rule(ended.component))
        return IcalFault{"value.malformed", rule->line, rule->name};
      if (open.empty()) {
        document.components_.push_back(std::move(ended.component));
        document.zones_->calendars.push_back(std::move(ended.handle));
      } else {
        open.back().component.components.push_back(std::move(ended.component));
        icalcomponent_add_component(open.back().handle.get(), ended.handle.release());
      }
    } else {
      if (open.empty()) return IcalFault{"property.outside", line.line, line.name};
      auto property = read_property(line, *open.back().handle);
      if (auto* const fault = std::get_if<IcalFault>(&property)) {
        // Nothing is said by an empty value: as if the line were not there.
        if (fault->rule == "value.empty") {
          open.back().component.properties.push_back({line.line, line.name, line.parameters, "TEXT", {""}});
          continue;
        }
        return std::move(*fault);
      }
      open.back().component.properties.push_back(std::move(std::get<IcalProperty>(property)));
    }
  }
  if (!open.empty()) return IcalFault{"component.not_ended", open.back().component.line, open.back().component.name};
  if (document.components_.empty()) return IcalFault{"component.none", 0, {}};
  return document;
}

std::variant<Moment, IcalFault> IcalDocument::moment(const IcalProperty& property, const std::string& zone) const {
  const auto malformed = IcalFault{"value.malformed", property.line, property.name};
  if (property.values.empty() || (property.type != "DATE" && property.type != "DATE-TIME")) return malformed;
  const auto time = icaltime_from_string(property.values.front().c_str());
  if (icaltime_is_null_time(time) != 0 || icaltime_is_valid_time(time) == 0) return malformed;
  const auto name = property.parameter("TZID");
  const icaltimezone* where = nullptr;
  if (icaltime_is_utc(time) != 0) {
    where = icaltimezone_get_utc_timezone();
  } else if (!name.empty()) {
    for (const auto& calendar : zones_->calendars)
      if (where == nullptr) where = icalcomponent_get_timezone(calendar.get(), name.c_str());
    if (where == nullptr) where = machine_zone(name.c_str());
    if (where == nullptr) return IcalFault{"zone.unknown", property.line, property.name};
  } else {
    where = machine_zone(zone.c_str());
    if (where == nullptr) return IcalFault{"zone.unknown", property.line, property.name};
  }
  auto plain = time;
  plain.is_date = 0;  // the first instant of a date is one in the zone, too
  return Moment{static_cast<std::int64_t>(icaltime_as_timet_with_zone(plain, where)) * kMsPerSecond,
                icaltime_is_date(time) != 0};
}

std::variant<std::int64_t, IcalFault> IcalDocument::duration_ms(const IcalProperty& property) {
  const auto duration = icaldurationtype_from_string(property.values.empty() ? "" : property.values.front().c_str());
  if (icaldurationtype_is_bad_duration(duration) != 0)
    return IcalFault{"value.malformed", property.line, property.name};
  return static_cast<std::int64_t>(icaldurationtype_as_int(duration)) * kMsPerSecond;
}

bool known_ical_zone(const std::string& zone) { return machine_zone(zone.c_str()) != nullptr; }

}  // namespace relais::calendar
