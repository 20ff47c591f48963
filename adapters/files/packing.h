// Several texts in one value of the local store.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relais::files {

using Texts = std::vector<std::string>;

/// Each text with its length before it.
std::string pack(std::span<const std::string> texts);
inline std::string pack(std::initializer_list<std::string> texts) {
  return pack(std::span(texts.begin(), texts.size()));
}

/// Empty when it is not what pack() makes.
std::optional<Texts> unpack(std::string_view packed);

/// 20 digits, so that the order of the texts is that of the numbers.
std::string ordered(std::uint64_t number);

/// Decimal digits only.
std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace relais::files
