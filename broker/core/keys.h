// Keys of the tables: big-endian, so that bytes sort as numbers do. Institution ids are followed by a zero byte, which
// none contains; everything behind them has a fixed width.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"

#include "relais/v1/common.pb.h"

namespace relais::core::keys {

/// 0 is the most urgent: the byte by which a queue sorts.
inline constexpr std::uint8_t kUrgencies = 4;
std::uint8_t urgency(v1::Priority priority);

std::string institution(std::string_view recipient);  // prefix of the five below
std::string queue(std::string_view recipient, std::uint8_t urgency, MessageKey key);
std::string queue_class(std::string_view recipient, std::uint8_t urgency);  // prefix of one urgency
std::string line(std::string_view recipient, std::string_view case_id);
std::string waiting(std::string_view recipient, std::string_view case_id, MessageKey key);
std::string delivery(std::string_view recipient, MessageKey key);  // parked, dead letters

std::string slot(std::string_view institution, std::string_view slot_id);
std::string free_slots(std::string_view institution, std::string_view service_id);  // prefix of one service
std::string free_slots_from(std::string_view institution, std::string_view service_id, std::int64_t start_ms);
std::string free_slot(std::string_view institution, std::string_view service_id, std::int64_t start_ms,
                      std::string_view slot_id);

struct FreeSlot {
  std::int64_t start_ms = 0;
  std::string slot_id;
};
/// What stands behind the prefix `free_slots` in such a key.
FreeSlot read_free_slot(std::string_view key, std::size_t prefix_bytes);

/// The slot's id at the end of a key of slots.
std::string_view slot_at_end(std::string_view key);

/// The first key behind every key that starts with `prefix`; empty when there is none.
std::string end_of(std::string prefix);

/// The (position, ordinal) at the end of a key of queue, waiting, parked or dead letters.
MessageKey message_at_end(std::string_view key);
/// The institution at the start of such a key.
std::string_view institution_at_start(std::string_view key);

enum class Timer : std::uint8_t {
  referral_deadline = 1,
  resume_parked = 2,
  hold_ends = 3,
  erase_payload = 4,
  message_expires = 5,
  slot_ends = 9,
  rights_due = 10,
  pause_begins = 11,
  pause_ends = 12
};

struct DueTimer {
  base::Instant due;
  Timer kind;
  std::string subject;  // referral_id; delivery key; appointment_id; message key; delivery key; slot key; case_id,
                        // request_id; institution; institution
};
std::string timer(base::Instant due, Timer kind, std::string_view subject);
DueTimer read_timer(std::string_view key);

std::string message(MessageKey key);  // 12 bytes: position, ordinal
MessageKey read_message(std::string_view key);

}  // namespace relais::core::keys
