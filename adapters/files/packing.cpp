#include "adapters/files/packing.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace relais::files {

namespace {
constexpr std::size_t kLengthBytes = 4;
}

std::string pack(std::span<const std::string> texts) {
  std::string packed;
  for (const auto& text : texts) {
    const auto length = static_cast<std::uint32_t>(text.size());
    for (unsigned shift = 0; shift < 32; shift += 8) packed += static_cast<char>((length >> shift) & 0xFFU);
    packed += text;
  }
  return packed;
}

std::optional<Texts> unpack(std::string_view packed) {
  Texts texts;
  while (!packed.empty()) {
    if (packed.size() < kLengthBytes) return std::nullopt;
    std::uint32_t length = 0;
    for (unsigned i = 0; i < kLengthBytes; ++i)
      length |= std::uint32_t{static_cast<unsigned char>(packed[i])} << (8 * i);
    packed.remove_prefix(kLengthBytes);
    if (length > packed.size()) return std::nullopt;
    texts.emplace_back(packed.substr(0, length));
    packed.remove_prefix(length);
  }
  return texts;
}

std::string ordered(std::uint64_t number) { return fmt::format("{:020}", number); }

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace relais::files
