// Acting for another (guichet partagé), and teams of several institutions behind one desk: who is on which side of a
// referral beside the two that it names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"
#include "broker/core/directory.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// Who answers for the asking side: the institution that the sender acts for, or the sender itself.
[[nodiscard]] const std::string& accountable_sender(const v1::ReferralRow& referral);

/// The sender and whom it acts for.
[[nodiscard]] bool asks(const v1::ReferralRow& referral, std::string_view institution);

/// The recipient and, of a team, the member that must act.
[[nodiscard]] bool answers(const v1::ReferralRow& referral, std::string_view institution);

/// Everybody on either side, each once, the sender first, then the recipient.
[[nodiscard]] std::vector<std::string> all_sides(const v1::ReferralRow& referral);

struct ActingFor {
  const std::string& principal;
  const std::string& delegate;
  v1::Act act;
  const std::string& purpose;
  const std::string* commune;  // where the person lives; null where that was judged before
};

/// Whether a delegation in force lets the delegate do this. delegation.none, delegation.out_of_scope.
[[nodiscard]] base::Status check_acting(const Directory& directory, const ActingFor& acting, base::Instant now);

[[nodiscard]] bool is_member(const v1::Institution& team, std::string_view institution);

}  // namespace relais::core
