// Any bytes as an event of somebody's calendar: read or refused with a place; what can be read can be changed, and says
// afterwards what it was changed to.
#include <cstddef>
#include <cstdint>

#include "adapters/calendar/event_writer.h"
#include "broker/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais::calendar;
  using relais::base::check;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto document = IcalDocument::read(text);
  if (!std::holds_alternative<IcalDocument>(document)) return 0;
  const EventRules rules;
  const auto event = read_event(std::get<IcalDocument>(document), rules);
  if (!std::holds_alternative<Event>(event)) return 0;
  EventWriting writing;
  writing.uid = std::get<Event>(event).uid;
  writing.sequence = 7;
  writing.state = {EventStatus::confirmed, 1'814'770'800'000, 1'814'772'600'000};
  const auto changed = changed_event(text, writing, rules);
  check(std::holds_alternative<std::string>(changed), "what was read can be changed");
  const auto again = IcalDocument::read(std::get<std::string>(changed));
  if (!std::holds_alternative<IcalDocument>(again)) return 0;  // then the adapter writes the event anew
  const auto read = read_event(std::get<IcalDocument>(again), rules);
  check(std::holds_alternative<Event>(read), "what was changed is an event");
  check(same(std::get<Event>(read).state, writing.state), "what was changed says so");
  return 0;
}
