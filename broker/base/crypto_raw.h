// A text as libsodium wants it. For crypto_*.cpp alone.
#pragma once

#include <string>
#include <string_view>

namespace relais::base {

inline const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace relais::base
