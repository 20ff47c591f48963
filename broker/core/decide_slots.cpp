// What a host says about its slots. The broker alone is told; who is expected in one is never misled by a change.
#include "broker/core/decide_submit.h"
#include "broker/core/slot_rules.h"

namespace relais::core {

namespace {

using base::RefusalCode;
using base::refuse;
using base::Result;
using base::Status;

std::string element(std::string_view list, int index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

/// The service and the place are the host's, and it is not over.
Status check_slot(const Case& c, const v1::Slot& slot, const std::string& field) {
  const auto& host = c.envelope.sender();
  if (!slot.service_id().empty()) {
    const auto* service = c.directory.service(slot.service_id());
    if (service == nullptr || service->institution() != host)
      return refuse(RefusalCode::slot_not_yours, field + ".service_id", {{"what", slot.service_id()}});
  }
  if (!slot.location_id().empty()) {
    const auto* location = c.directory.location(slot.location_id());
    if (location == nullptr || location->institution() != host)
      return refuse(RefusalCode::slot_not_yours, field + ".location_id", {{"what", slot.location_id()}});
  }
  if (has_ended(slot, c.context.now))
    return refuse(RefusalCode::slot_in_the_past, field + ".end_ms", {{"slot", slot.slot_id()}});
  return base::Done{};
}

/// Who is expected keeps the place, the time and the form of the meeting.
Status check_change(const v1::SlotRow& known, const v1::Slot& slot, const std::string& field) {
  if (known.taken() == 0) return base::Done{};
  const auto taken = std::to_string(known.taken());
  if (!is_same_meeting(known.slot(), slot))
    return refuse(RefusalCode::slot_in_use, field, {{"slot", slot.slot_id()}, {"taken", taken}});
  if (slot.capacity() < known.taken())
    return refuse(RefusalCode::slot_in_use, field + ".capacity", {{"slot", slot.slot_id()}, {"taken", taken}});
  return base::Done{};
}

void add_withdrawn(const std::string& institution, const std::string& slot_id, Decision& decision) {
  auto& withdrawn = *decision.events.emplace_back().mutable_slot_withdrawn();
  withdrawn.set_institution(institution);
  withdrawn.set_slot_id(slot_id);
}

Result<Decision> publish(const Case& c, Decision decision) {
  const auto& host = c.envelope.sender();
  const auto& slots = c.envelope.slots_published().slots();
  for (int i = 0; i < slots.size(); ++i) {
    const auto field = element("slots_published.slots", i);
    if (auto said = check_slot(c, slots[i], field); !said) return said.refusal();
    const auto known = find_slot(c.state, host, slots[i].slot_id());
    if (known && has_ended(known->slot(), c.context.now)) {
      add_withdrawn(host, slots[i].slot_id(), decision);  // over, only its timer did not go off yet
    } else if (known) {
      if (auto said = check_change(*known, slots[i], field); !said) return said.refusal();
      if (known->slot().SerializeAsString() == slots[i].SerializeAsString()) continue;
    }
    auto& published = *decision.events.emplace_back().mutable_slot_published();
    published.set_institution(host);
    *published.mutable_slot() = slots[i];
  }
  return decision;
}

Result<Decision> withdraw(const Case& c, Decision decision) {
  const auto& host = c.envelope.sender();
  const auto& ids = c.envelope.slots_withdrawn().slot_ids();
  for (int i = 0; i < ids.size(); ++i) {
    const auto known = find_slot(c.state, host, ids[i]);
    if (!known || is_withdrawn(*known))
      return refuse(RefusalCode::slot_unknown, element("slots_withdrawn.slot_ids", i), {{"slot", ids[i]}});
    add_withdrawn(host, ids[i], decision);
  }
  return decision;
}

}  // namespace

Result<Decision> change_slots(const Case& c) {
  Decision decision;
  decision.events.push_back(accepted(c, nullptr, {}));
  return c.envelope.has_slots_published() ? publish(c, std::move(decision)) : withdraw(c, std::move(decision));
}

}  // namespace relais::core
