// The shape of what an institution says about its slots.
#include <set>

#include "broker/core/envelope_check.h"
#include "broker/core/envelope_check_parts.h"
#include "broker/core/slot_rules.h"

namespace relais::core {

using base::RefusalCode;
using base::refuse;
using base::Status;

base::Refusal malformed(std::string field, std::string expected) {
  return refuse(RefusalCode::envelope_malformed, std::move(field), {{"expected", std::move(expected)}});
}

Status optional_code(std::string_view code, std::string_view field) {
  if (code.empty() || is_code(code)) return base::Done{};
  return malformed(std::string(field), "a code [a-z0-9][a-z0-9_.-]{0,63}");
}

/// Neither number is trusted: the difference of two of them may not fit in a third.
bool is_meeting_time(std::int64_t start_ms, std::int64_t end_ms) {
  return start_ms > 0 && end_ms > start_ms && end_ms - start_ms <= kMeetingMsMax;
}

namespace {

Status check_slot(const v1::Slot& slot, const std::string& field, base::Instant now) {
  if (!is_code(slot.slot_id())) return malformed(field + ".slot_id", "a code [a-z0-9][a-z0-9_.-]{0,63}");
  if (auto said = optional_code(slot.service_id(), field + ".service_id"); !said) return said;
  if (auto said = optional_code(slot.location_id(), field + ".location_id"); !said) return said;
  if (!is_meeting_time(slot.start_ms(), slot.end_ms()))
    return malformed(field + ".end_ms", "an instant after start_ms, at most 24 hours later");
  if (slot.start_ms() > base::to_ms(now + kSlotAheadMax))
    return malformed(field + ".start_ms", "an instant within two years");
  if (base::from_ms(slot.end_ms()) < now - kClockSkewMax)
    return refuse(RefusalCode::slot_in_the_past, field + ".end_ms", {{"slot", slot.slot_id()}});
  if (slot.capacity() == 0 || slot.capacity() > kSlotCapacityMax)
    return malformed(field + ".capacity", "a number from 1 to 10000");
  if (!v1::AppointmentMode_IsValid(slot.mode())) return malformed(field + ".mode", "a mode of this version");
  return base::Done{};
}

}  // namespace

Status check_slots_published(const v1::Envelope& envelope, base::Instant now) {
  const auto& slots = envelope.slots_published().slots();
  if (slots.empty() || slots.size() > kSlotsMax) return malformed("slots_published.slots", "1 to 500 slots");
  std::set<std::string_view> ids;
  for (int i = 0; i < slots.size(); ++i) {
    const auto field = "slots_published.slots[" + std::to_string(i) + "]";
    if (auto said = check_slot(slots[i], field, now); !said) return said;
    if (!ids.insert(slots[i].slot_id()).second) return malformed(field + ".slot_id", "each slot once");
  }
  return base::Done{};
}

Status check_slots_withdrawn(const v1::Envelope& envelope) {
  const auto& ids = envelope.slots_withdrawn().slot_ids();
  if (ids.empty() || ids.size() > kSlotsMax) return malformed("slots_withdrawn.slot_ids", "1 to 500 slots");
  std::set<std::string_view> known;
  for (int i = 0; i < ids.size(); ++i) {
    const auto field = "slots_withdrawn.slot_ids[" + std::to_string(i) + "]";
    if (!is_code(ids[i])) return malformed(field, "a code [a-z0-9][a-z0-9_.-]{0,63}");
    if (!known.insert(ids[i]).second) return malformed(field, "each slot once");
  }
  return base::Done{};
}

/// The broker alone acts on slots: nobody else is told, nobody's case is named, and no exercise changes real ones.
Status check_about_slots(const v1::Envelope& envelope) {
  if (!envelope.recipients().empty()) return malformed("recipients", "nobody in a message about slots");
  if (!envelope.case_id().empty()) return malformed("case_id", "nothing in a message about slots");
  if (!envelope.referral_id().empty()) return malformed("referral_id", "nothing in a message about slots");
  if (!envelope.compartments().empty()) return malformed("compartments", "nothing in a message about slots");
  if (envelope.exercise()) return malformed("exercise", "false in a message about slots");
  return base::Done{};
}

}  // namespace relais::core
