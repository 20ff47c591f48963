#include "broker/journal/record_codec.h"

#include <algorithm>
#include <limits>

#include "broker/base/check.h"

namespace relais::journal {

namespace {

constexpr std::size_t kRecordHeaderBytes = 1 + base::kHashBytes;
constexpr std::size_t kLengthBytes = 4;

template <class Number>
void append_big_endian(std::string& text, Number number) {
  for (int shift = std::numeric_limits<Number>::digits - 8; shift >= 0; shift -= 8)
    text.push_back(static_cast<char>(static_cast<unsigned char>(number >> shift)));
}

template <class Number>
Number read_big_endian(std::string_view text) {
  Number number = 0;
  for (const char byte : text) number = (number << 8) | static_cast<unsigned char>(byte);
  return number;
}

std::uint32_t length_of(std::size_t size) {
  base::check(size <= std::numeric_limits<std::uint32_t>::max(), "a compartment's length fits in four bytes");
  return static_cast<std::uint32_t>(size);
}

}  // namespace

std::string journal_key(core::Position position) {
  std::string key;
  append_big_endian(key, position);
  return key;
}

std::optional<core::Position> parse_journal_key(std::string_view key) {
  if (key.size() != sizeof(core::Position)) return std::nullopt;
  return read_big_endian<core::Position>(key);
}

std::string payload_key(core::MessageKey key) {
  std::string text;
  append_big_endian(text, key.position);
  append_big_endian(text, key.ordinal);
  return text;
}

void encode_record(const base::Hash& hash, std::string_view bytes, std::string& value) {
  value.assign(1, kValueVersion);
  value.append(base::view(hash));
  value.append(bytes);
}

std::optional<RecordView> decode_record(std::string_view value) {
  if (value.size() < kRecordHeaderBytes || value[0] != kValueVersion) return std::nullopt;
  RecordView record;
  std::copy_n(value.begin() + 1, base::kHashBytes, record.hash.begin());
  record.bytes = value.substr(kRecordHeaderBytes);
  return record;
}

void encode_payload(const std::vector<std::string>& compartments, std::string& value) {
  value.assign(1, kValueVersion);
  append_big_endian(value, length_of(compartments.size()));
  for (const auto& compartment : compartments) {
    append_big_endian(value, length_of(compartment.size()));
    value.append(compartment);
  }
}

std::optional<std::vector<std::string>> decode_payload(std::string_view value) {
  if (value.empty() || value[0] != kValueVersion) return std::nullopt;
  value.remove_prefix(1);
  const auto take_length = [&]() -> std::optional<std::uint32_t> {
    if (value.size() < kLengthBytes) return std::nullopt;
    const auto length = read_big_endian<std::uint32_t>(value.substr(0, kLengthBytes));
    value.remove_prefix(kLengthBytes);
    return length;
  };
  const auto count = take_length();
  if (!count) return std::nullopt;
  std::vector<std::string> compartments;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto length = take_length();
    if (!length || value.size() < *length) return std::nullopt;
    compartments.emplace_back(value.substr(0, *length));
    value.remove_prefix(*length);
  }
  if (!value.empty()) return std::nullopt;
  return compartments;
}

}  // namespace relais::journal
