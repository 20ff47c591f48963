// Distinct types for the ids that travel as 16 bytes.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace relais::base {

/// 16 bytes; all zero means "none". Text form: 8-4-4-4-12 lower-case hexadecimal digits.
template <class Tag>
class Id {
 public:
  static constexpr std::size_t kBytes = 16;

  constexpr Id() = default;

  /// Empty unless `bytes` holds exactly 16.
  static std::optional<Id> from_bytes(std::string_view bytes) {
    if (bytes.size() != kBytes) return std::nullopt;
    Id id;
    std::memcpy(id.bytes_.data(), bytes.data(), kBytes);
    return id;
  }

  [[nodiscard]] std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), kBytes}; }
  [[nodiscard]] bool none() const { return *this == Id(); }

  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::array<unsigned char, kBytes> bytes_{};
};

using MessageId = Id<struct MessageTag>;
using CaseId = Id<struct CaseTag>;
using ReferralId = Id<struct ReferralTag>;
using AppointmentId = Id<struct AppointmentTag>;

/// Text of 16 bytes, "8-4-4-4-12"; of anything else, plain hexadecimal digits.
std::string id_text(std::string_view bytes);

/// The 16 bytes of a text in either form; empty when it is neither.
std::optional<std::string> id_bytes(std::string_view text);

std::string hex(std::string_view bytes);

/// Empty when `text` is not an even number of hexadecimal digits.
std::optional<std::string> unhex(std::string_view text);

}  // namespace relais::base

template <class Tag>
struct std::hash<relais::base::Id<Tag>> {
  std::size_t operator()(const relais::base::Id<Tag>& id) const noexcept {
    std::size_t h = 0;
    std::memcpy(&h, id.bytes().data(), sizeof h);
    return h;
  }
};
