// What happened on one day, by institution: for the debriefing of those who work there, and for nobody else. Counts of
// events, as in the console; nothing here is meant to be published (see indicators.h for that).
#pragma once

#include <string>
#include <vector>

#include "broker/engine/period.h"

namespace relais::engine {

struct DigestLine {
  std::string institution;
  std::uint64_t requested = 0;  // referrals it asked for
  std::uint64_t received = 0;   // referrals asked of it
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t completed = 0;
  std::uint64_t handed_on = 0;  // away from it, since it did not decide in time
  std::uint64_t expired = 0;    // of those it asked for
  std::uint64_t booked = 0;     // appointments, as host
  std::uint64_t no_shows = 0;
  std::uint64_t deadlines_missed = 0;  // while it was accountable
  std::uint64_t dead_letters = 0;      // that did not reach it
};

/// One line for each institution of the network in force, in its order, exercises left out. Reads the store on the
/// asker's thread; any thread. journal.damaged.
base::Result<std::vector<DigestLine>> digest(const journal::Store& store, const Period& day);

}  // namespace relais::engine
