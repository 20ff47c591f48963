// What people read in an event: texts of the settings with {words} in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/calendar/event_writer.h"
#include "adapters/calendar/link.h"
#include "adapters/sdk/network.h"

#include "relais/v1/content.pb.h"

namespace relais::calendar {

/// By default nothing of a person: the service, the place and a short reference.
struct EventTemplate {
  std::string summary = "Rendez-vous {service} ({reference})";
  std::string place = "{place}";
  std::string description;
};

/// The first {word} that is none of: service, place, reference, sender, purpose, mode, family_name, given_names.
std::optional<std::string> unknown_word(std::string_view text);

/// `network` gives the names of services and places; without it, and without a name there, their codes stand in the
/// text. `identity` may be null: then {family_name} and {given_names} are empty.
EventText event_text(const EventTemplate& pattern, const Link& link, const std::string& sender,
                     const std::string& purpose, const v1::NetworkDefinition* network, const v1::Identity* identity);

}  // namespace relais::calendar
