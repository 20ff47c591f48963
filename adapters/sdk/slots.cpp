#include "adapters/sdk/slots.h"

#include <algorithm>

namespace relais::sdk {

namespace {

constexpr std::size_t kInOneMessage = 500;

/// One draft for each part of `all`; `add` puts the part into an envelope.
template <class Item, class Add>
std::vector<Draft> in_parts(const std::string& purpose, std::span<const Item> all, Add&& add) {
  std::vector<Draft> drafts;
  for (std::size_t at = 0; at < all.size(); at += kInOneMessage) {
    auto& draft = drafts.emplace_back();
    draft.envelope.set_purpose(purpose);
    add(draft.envelope, all.subspan(at, std::min(kInOneMessage, all.size() - at)));
  }
  return drafts;
}

}  // namespace

std::vector<Draft> publish_slots(const std::string& purpose, std::span<const v1::Slot> slots) {
  return in_parts(purpose, slots, [](v1::Envelope& envelope, std::span<const v1::Slot> part) {
    for (const auto& slot : part) *envelope.mutable_slots_published()->add_slots() = slot;
  });
}

std::vector<Draft> withdraw_slots(const std::string& purpose, std::span<const std::string> slot_ids) {
  return in_parts(purpose, slot_ids, [](v1::Envelope& envelope, std::span<const std::string> part) {
    for (const auto& id : part) envelope.mutable_slots_withdrawn()->add_slot_ids(id);
  });
}

v1::Meeting meeting_in(const v1::Slot& slot) {
  v1::Meeting meeting;
  meeting.set_start_ms(slot.start_ms());
  meeting.set_end_ms(slot.end_ms());
  meeting.set_location_id(slot.location_id());
  meeting.set_service_id(slot.service_id());
  meeting.set_mode(slot.mode());
  meeting.set_slot_id(slot.slot_id());
  return meeting;
}

}  // namespace relais::sdk
