// An iCalendar text, read by libical: components, properties and values, each with the line where it stands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/calendar/content_line.h"

namespace relais::calendar {

struct IcalProperty {
  std::size_t line = 0;
  std::string name;  // upper case
  std::vector<Parameter> parameters;
  std::string type;  // "DATE-TIME", "TEXT", "X" for one that nobody knows, ...
  // One, or each of a list. Of TEXT the text meant; of others as RFC 5545 writes them, brought into one form.
  std::vector<std::string> values;

  [[nodiscard]] std::string parameter(std::string_view upper_name) const;  // the first value; "" when absent
};

struct IcalComponent {
  std::size_t line = 0;
  std::string name;  // upper case
  std::vector<IcalProperty> properties;
  std::vector<IcalComponent> components;

  /// The first of that name, null when there is none.
  [[nodiscard]] const IcalProperty* find(std::string_view upper_name) const;
};

struct Moment {
  std::int64_t ms = 0;   // since 1970
  bool all_day = false;  // a date: its first instant in the zone
};

/// Value type, cheap to move. One thread at a time.
class IcalDocument {
 public:
  /// Reads everything or nothing. Faults besides those of the lines: component.unknown, component.unexpected_end,
  /// component.not_ended, component.too_deep, component.none, property.outside, property.unknown, parameter.malformed,
  /// value.malformed.
  static std::variant<IcalDocument, IcalFault> read(std::string_view bytes);
  ~IcalDocument();
  IcalDocument(IcalDocument&&) noexcept;
  IcalDocument& operator=(IcalDocument&&) noexcept;

  /// The outermost components; usually one VCALENDAR.
  [[nodiscard]] const std::vector<IcalComponent>& components() const { return components_; }

  /// The first value of a DATE or DATE-TIME property. Its TZID is looked for among the text's own VTIMEZONEs, then in
  /// the machine's zones (tzdata); a time without a zone is one of `zone`. zone.unknown, value.malformed.
  [[nodiscard]] std::variant<Moment, IcalFault> moment(const IcalProperty& property, const std::string& zone) const;

  /// Of a DURATION property, from a start: days are days of the calendar only by name, 24 hours each.
  [[nodiscard]] static std::variant<std::int64_t, IcalFault> duration_ms(const IcalProperty& property);

 private:
  struct Zones;
  IcalDocument();
  std::vector<IcalComponent> components_;
  std::unique_ptr<Zones> zones_;
};

/// The machine knows this zone.
bool known_ical_zone(const std::string& zone);

}  // namespace relais::calendar
