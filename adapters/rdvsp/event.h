// A webhook of RDV Service Public, as its own documentation and recorded bodies write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapters/mapping/fault.h"
#include "adapters/mapping/json_document.h"

namespace relais::rdvsp {

using Faults = std::vector<mapping::Fault>;

/// In the order in which they can follow each other within one second.
enum class Happening { created, updated, destroyed };

struct Event {
  std::string model;  // "Rdv", "User", "UserProfile", "Absence", ...
  Happening happening = Happening::updated;
  std::string reason;       // webhook_reason; "rgpd": wiped, not cancelled. Usually empty
  std::int64_t at_ms = 0;   // since when what it says holds
  mapping::JsonValue data;  // personal
};

/// All that is wrong, at once. The moment stands under one of payload_computed_at, event_occurred_at, timestamp and
/// timestmp: the first of these that is there.
std::variant<Event, Faults> read_event(std::string_view body);

/// "2022-01-01 08:45:00 +0100", or ISO 8601 with a zone. Milliseconds since 1970.
std::variant<std::int64_t, mapping::Fault> read_time(const mapping::JsonValue& value, const std::string& pointer);

/// A number or a text at a pointer of plain steps; empty when it is null, not there or neither.
std::string text_at(mapping::JsonValue& value, std::string_view pointer);

}  // namespace relais::rdvsp
