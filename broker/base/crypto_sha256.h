// The hash of other people's protocols; ours is hash() of crypto.h.
#pragma once

#include <string_view>

#include "broker/base/crypto.h"

namespace relais::base {

Hash sha256(std::string_view bytes);

}  // namespace relais::base
