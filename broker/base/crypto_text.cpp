#include <sodium.h>

#include "broker/base/crypto.h"

namespace relais::base {

namespace {

constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(kZ85.size() == 85);

Refusal not_text_of(std::string_view what) {
  return refuse(RefusalCode::input_invalid, {}, {{"why", "not " + std::string(what)}});
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminating zero
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return not_text_of("base64");
  bytes.resize(size);
  return bytes;
}

std::string z85(std::string_view bytes) {
  check(bytes.size() % 4 == 0, "Z85 takes groups of four bytes");
  std::string text;
  text.reserve(bytes.size() / 4 * 5);
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) group = group << 8 | static_cast<unsigned char>(bytes[at + i]);
    for (std::uint32_t power = 85 * 85 * 85 * 85; power != 0; power /= 85) text += kZ85[group / power % 85];
  }
  return text;
}

Result<std::string> from_z85(std::string_view text) {
  if (text.size() % 5 != 0) return not_text_of("Z85");
  std::string bytes;
  bytes.reserve(text.size() / 5 * 4);
  for (std::size_t at = 0; at < text.size(); at += 5) {
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      const auto digit = kZ85.find(text[at + i]);
      if (digit == std::string_view::npos) return not_text_of("Z85");
      group = group * 85 + digit;
    }
    if (group > 0xFFFFFFFFU) return not_text_of("Z85");
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(group >> shift & 0xFF);
  }
  return bytes;
}

}  // namespace relais::base
