#include "broker/access/new_password.h"

#include <algorithm>
#include <string>

#include "broker/access/login.h"

namespace relais::access {

base::Status check_new_password(std::string_view password) {
  const auto no = [](std::string why) {
    return base::refuse(base::RefusalCode::input_invalid, "password", {{"why", std::move(why)}});
  };
  // Characters of UTF-8: its continuation bytes are none of their own.
  const auto characters =
      std::ranges::count_if(password, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  if (static_cast<std::size_t>(characters) < kPasswordCharactersMin)
    return no("at least " + std::to_string(kPasswordCharactersMin) + " characters");
  if (password.size() > kPasswordBytesMax) return no("at most " + std::to_string(kPasswordBytesMax) + " bytes");
  return base::Done{};
}

}  // namespace relais::access
