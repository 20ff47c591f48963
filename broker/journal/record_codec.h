// Keys and values of the journal and of the payloads as they stand on disk (docs/formats/store.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/core/message_key.h"

namespace relais::journal {

/// First byte of every value of the journal and of the payloads.
inline constexpr char kValueVersion = 1;

/// Position, big-endian.
std::string journal_key(core::Position position);
/// Empty unless the key is one of a record.
std::optional<core::Position> parse_journal_key(std::string_view key);

/// Position and ordinal, big-endian.
std::string payload_key(core::MessageKey key);

/// Replaces `value` by version, hash, bytes; its capacity is kept.
void encode_record(const base::Hash& hash, std::string_view bytes, std::string& value);

/// `bytes` points into the value.
struct RecordView {
  base::Hash hash{};
  std::string_view bytes;
};
/// Empty when the version is unknown or the value too short.
std::optional<RecordView> decode_record(std::string_view value);

/// Replaces `value` by version, number of compartments, and for each its length and bytes; its capacity is kept.
void encode_payload(const std::vector<std::string>& compartments, std::string& value);
/// Empty when the version is unknown or the lengths do not add up.
std::optional<std::vector<std::string>> decode_payload(std::string_view value);

}  // namespace relais::journal
