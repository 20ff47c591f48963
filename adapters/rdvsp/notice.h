// What the institution's own people must see and do in RDV Service Public, because no interface does it for them.
#pragma once

#include <string>
#include <string_view>

#include "adapters/http/problem_book.h"
#include "broker/base/clock.h"

namespace relais::rdvsp {

/// `code` is one of the catalogue in the .cpp; README.md lists them. `about` tells one notice from another: the later
/// takes the place of the earlier. `reference` is their number of the appointment or the person, `detail` a code, a
/// field or an id: never a value. `referral_id`: 16 bytes, or empty.
http::BookedProblem notice(std::string_view code, std::string_view about, base::Instant now, std::string reference = {},
                           std::string referral_id = {}, std::string_view detail = {});

}  // namespace relais::rdvsp
