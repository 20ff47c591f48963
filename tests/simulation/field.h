// The simulated territory with everything that social work needs of it: a team, a delegate, successors, consent.
#pragma once

#include <string>
#include <vector>

#include "relais/v1/network.pb.h"

namespace relais::simulation {

inline const std::vector<std::string> kEverybody = {"ccas-1", "caf-1", "cpam-1", "mission-1", "team-1"};

/// A team, and who stands behind its desk.
inline const std::string kTeam = "team-1";
inline const std::vector<std::string> kTeamMembers = {"caf-1", "cpam-1"};

/// kDelegate may refer and book for kPrincipal.
inline const std::string kDelegate = "mission-1";
inline const std::string kPrincipal = "ccas-1";

/// Who takes a referral by law when nobody else did, and what the agreement between caf-1 and ccas-1 names before.
inline const std::string kDefaultRecipient = "mission-1";
inline const std::string kFallback = "cpam-1";

inline const std::string kHousing = "housing";
/// Under agreements that want the person's consent.
inline const std::string kHealth = "health";

/// territory(), and between every two of kEverybody an agreement for each purpose, with a term for every step.
v1::NetworkDefinition field(std::uint64_t version);

}  // namespace relais::simulation
