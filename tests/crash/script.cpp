#include "tests/crash/script.h"

#include "adapters/sdk/draft.h"

namespace relais::crash {

Way way_of(std::string_view referral_id) {
  static constexpr std::array kWays = {Way::meeting,  Way::meeting,   Way::meeting,   Way::meeting, Way::absent,
                                       Way::rejected, Way::cancelled, Way::forwarded, Way::held};
  return kWays[static_cast<unsigned char>(referral_id.front()) % kWays.size()];
}

std::vector<Body> replies(Way way, Side side, Body heard) {
  std::vector<Body> said;
  Body last = heard;
  for (const auto& step : kScript) {
    if (!step.reply || step.way != way || step.side != side || step.after != last) continue;
    said.push_back(step.message);
    last = step.message;
  }
  return said;
}

std::string leg_of(std::string_view referral_id) { return sdk::named_id("crash leg", referral_id); }

std::string appointment_of(std::string_view referral_id) { return sdk::named_id("crash appointment", referral_id); }

}  // namespace relais::crash
