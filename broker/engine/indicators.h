// What may be published of a month: how many referrals, what became of them, how long it took, who came. Groups in
// which somebody could be recognised are left out.
//
// One month is the only stretch of time there is: reports that overlap could be subtracted from each other. And it is
// told as it stood when it ended: told on two days it would show what became of one person in between.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/engine/period.h"

namespace relais::engine {

inline constexpr std::array<std::string_view, 5> kReferralEnds = {"open", "connected", "not_connected", "rejected",
                                                                  "ended_otherwise"};
inline constexpr std::array<std::string_view, 4> kAppointmentEnds = {"expected", "kept", "no_show", "cancelled"};

/// Counts in the order of the names above; empty where it may not be shown.
struct IndicatorGroup {
  std::string name;  // id of an agreement, a service or its thematic, a commune; empty: none was named
  std::vector<std::optional<std::uint64_t>> referrals;
  std::optional<std::uint64_t> referrals_total;
  std::vector<std::optional<std::uint64_t>> appointments;
  std::optional<std::uint64_t> appointments_total;
  // Medians, of kSmallestGroup referrals at least.
  std::optional<base::Milliseconds> to_decision;
  std::optional<base::Milliseconds> to_appointment;
  std::optional<base::Milliseconds> to_end;
};

struct Breakdown {
  std::string by;  // agreement, service, territory
  std::vector<IndicatorGroup> groups;
  IndicatorGroup total;
};

/// Of the referrals requested in that month, exercises left out. Reads the store on the asker's thread; any thread.
/// journal.damaged.
base::Result<std::vector<Breakdown>> indicators(const journal::Store& store, const Period& month);

}  // namespace relais::engine
