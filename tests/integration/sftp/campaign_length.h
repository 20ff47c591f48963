// How long a campaign is: whole by `deploy/test campaign`, a share of it with all other tests.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>

namespace relais::tests {

/// `whole` (rounds, mebibytes), or what RELAIS_CAMPAIGN_MOST says when that is less.
inline int campaign_length(int whole) {
  const char* const most = std::getenv("RELAIS_CAMPAIGN_MOST");
  return most == nullptr ? whole : std::min(whole, std::stoi(most));
}

}  // namespace relais::tests
