// Ownership of libical's objects, and what must be set once before it is used.
#pragma once

#include <memory>

#include <libical/ical.h>

namespace relais::calendar {

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using ComponentHandle = std::unique_ptr<icalcomponent, FreeComponent>;

struct FreeProperty {
  void operator()(icalproperty* property) const { icalproperty_free(property); }
};
using PropertyHandle = std::unique_ptr<icalproperty, FreeProperty>;

/// Faults come as answers, never as an abort; names that the library does not know are kept. Idempotent, any thread.
void prepare_libical();

/// One of the machine's zones (tzdata); null when there is none of that name. It lives as long as the program.
icaltimezone* machine_zone(const char* name);

}  // namespace relais::calendar
