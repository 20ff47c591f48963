#include "broker/cli/network_places.h"

#include <fmt/format.h>

#include "broker/base/time_text.h"
#include "broker/core/routing.h"

namespace relais::cli {

namespace {

constexpr std::size_t kLineMax = 116;

/// A basic string of TOML.
std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      result += c;
  }
  return result + '"';
}

std::string line(std::string_view key, std::string_view value) {
  return value.empty() ? std::string() : fmt::format("{} = {}\n", key, toml_string(value));
}

/// A list that is too long for one line goes on below.
template <class List>
std::string list_lines(std::string_view key, const List& values) {
  if (values.empty()) return {};
  std::string text = fmt::format("{} = [", key);
  std::size_t column = text.size();
  bool first = true;
  for (const auto& value : values) {
    const auto item = toml_string(value);
    if (!first) text += column + item.size() > kLineMax ? ",\n  " : ", ";
    if (!first && column + item.size() > kLineMax) column = 0;
    text += item;
    column += item.size() + 2;
    first = false;
  }
  return text + "]\n";
}

}  // namespace

void read_location(base::TableReader& table, v1::Location& location) {
  location.set_id(table.text("id"));
  location.set_institution(table.text("institution"));
  location.set_name(table.text("name"));
  location.set_commune(table.text("commune"));
  location.set_address(table.text("address"));
}

void read_service(base::TableReader& table, v1::Service& service) {
  service.set_id(table.text("id"));
  service.set_institution(table.text("institution"));
  service.set_name(table.text("name"));
  for (auto& thematic : table.texts("thematics")) service.add_thematics(std::move(thematic));
  read_area(table, service);
  for (auto& location : table.texts("locations")) service.add_locations(std::move(location));
  service.set_checked_at_ms(table.date("checked", false));
  const std::string name = table.text("capacity");
  const auto capacity = core::capacity_of(name);
  if (!name.empty() && !capacity)
    table.fault("capacity", "capacity", "is not a capacity", "available, waitlist, full, further_assessment");
  service.set_capacity(capacity.value_or(v1::CAPACITY_UNSPECIFIED));
}

std::string location_text(const v1::Location& location) {
  return "[[location]]\n" + line("id", location.id()) + line("institution", location.institution()) +
         line("name", location.name()) + line("commune", location.commune()) + line("address", location.address());
}

std::string service_text(const v1::Service& service) {
  std::string text = "[[service]]\n" + line("id", service.id()) + line("institution", service.institution()) +
                     line("name", service.name()) + list_lines("thematics", service.thematics()) +
                     list_lines("communes", service.communes()) + list_lines("epcis", service.epcis()) +
                     list_lines("departements", service.departements()) + list_lines("locations", service.locations());
  if (service.checked_at_ms() != 0)
    text += fmt::format("checked = {}\n", base::date_text(base::from_ms(service.checked_at_ms())));
  if (service.capacity() != v1::CAPACITY_UNSPECIFIED) text += line("capacity", core::capacity_name(service.capacity()));
  return text;
}

}  // namespace relais::cli
