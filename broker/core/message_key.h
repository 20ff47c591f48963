// The place of a message in the journal: how everything on disk refers to it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace relais::core {

using Position = std::uint64_t;  // of a record; dense, from 1; 0 is before the first

/// `ordinal` numbers the messages that one record brought in.
struct MessageKey {
  Position position = 0;
  std::uint32_t ordinal = 0;
  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};

struct MessageKeyHash {
  std::size_t operator()(const MessageKey& key) const {
    return static_cast<std::size_t>(key.position * 0x9E3779B97F4A7C15ULL + key.ordinal);
  }
};

}  // namespace relais::core
