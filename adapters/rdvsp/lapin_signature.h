// How RDV Service Public signs its webhooks: X-Lapin-Signature is the HMAC-SHA256 of the body's bytes, in hexadecimal
// digits. It holds no time: a body that is sent again is told by what it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace relais::rdvsp {

/// By any of `secrets`: several while one is being changed. In the same time whatever is wrong with it.
bool is_signed(const std::vector<std::string>& secrets, std::string_view signature, std::string_view body);

}  // namespace relais::rdvsp
