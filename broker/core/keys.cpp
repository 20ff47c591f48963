#include "broker/core/keys.h"

#include "broker/base/check.h"

namespace relais::core::keys {

namespace {

void add_u64(std::string& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xFF);
}

void add_u32(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xFF);
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

constexpr std::size_t kMessageBytes = 12;

}  // namespace

std::uint8_t urgency(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_STAT:
      return 0;
    case v1::PRIORITY_ASAP:
      return 1;
    case v1::PRIORITY_URGENT:
      return 2;
    default:
      return 3;
  }
}

std::string message(MessageKey key) {
  std::string bytes;
  bytes.reserve(kMessageBytes);
  add_u64(bytes, key.position);
  add_u32(bytes, key.ordinal);
  return bytes;
}

MessageKey read_message(std::string_view key) {
  base::check(key.size() == kMessageBytes, "a message key has 12 bytes");
  return {read_number(key.substr(0, 8)), static_cast<std::uint32_t>(read_number(key.substr(8)))};
}

std::string institution(std::string_view recipient) {
  std::string key;
  key.reserve(recipient.size() + 32);
  key += recipient;
  key += '\0';
  return key;
}

std::string queue_class(std::string_view recipient, std::uint8_t urgency) {
  std::string key = institution(recipient);
  key += static_cast<char>(urgency);
  return key;
}

std::string queue(std::string_view recipient, std::uint8_t urgency, MessageKey key) {
  return queue_class(recipient, urgency) + message(key);
}

std::string line(std::string_view recipient, std::string_view case_id) {
  std::string key = institution(recipient);
  key += case_id;
  return key;
}

std::string waiting(std::string_view recipient, std::string_view case_id, MessageKey key) {
  return line(recipient, case_id) + message(key);
}

std::string delivery(std::string_view recipient, MessageKey key) { return institution(recipient) + message(key); }

std::string slot(std::string_view institution_id, std::string_view slot_id) {
  return institution(institution_id) + std::string(slot_id);
}

std::string free_slots(std::string_view institution_id, std::string_view service_id) {
  return institution(institution_id) + institution(service_id);
}

std::string free_slots_from(std::string_view institution_id, std::string_view service_id, std::int64_t start_ms) {
  auto key = free_slots(institution_id, service_id);
  add_u64(key, static_cast<std::uint64_t>(start_ms));
  return key;
}

std::string free_slot(std::string_view institution_id, std::string_view service_id, std::int64_t start_ms,
                      std::string_view slot_id) {
  return free_slots_from(institution_id, service_id, start_ms) + std::string(slot_id);
}

FreeSlot read_free_slot(std::string_view key, std::size_t prefix_bytes) {
  base::check(key.size() > prefix_bytes + 8, "a key of free slots ends with start and id");
  return {static_cast<std::int64_t>(read_number(key.substr(prefix_bytes, 8))),
          std::string(key.substr(prefix_bytes + 8))};
}

std::string_view slot_at_end(std::string_view key) { return key.substr(key.find('\0') + 1); }

std::string end_of(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

MessageKey message_at_end(std::string_view key) {
  base::check(key.size() >= kMessageBytes, "a key ends with a message key");
  return read_message(key.substr(key.size() - kMessageBytes));
}

std::string_view institution_at_start(std::string_view key) { return key.substr(0, key.find('\0')); }

std::string timer(base::Instant due, Timer kind, std::string_view subject) {
  std::string key;
  key.reserve(9 + subject.size());
  add_u64(key, static_cast<std::uint64_t>(base::to_ms(due)));
  key += static_cast<char>(kind);
  key += subject;
  return key;
}

DueTimer read_timer(std::string_view key) {
  base::check(key.size() > 9, "a timer key has a subject");
  return {base::from_ms(static_cast<std::int64_t>(read_number(key.substr(0, 8)))), static_cast<Timer>(key[8]),
          std::string(key.substr(9))};
}

}  // namespace relais::core::keys
