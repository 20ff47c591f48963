// What follows from a command: events, or a refusal. Pure: reads the state, changes nothing, asks no clock.
#pragma once

#include <optional>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/core/command.h"
#include "broker/core/state.h"

#include "relais/v1/stored.pb.h"

namespace relais::core {

/// Rules that are the process's, not the network's.
struct Rules {
  base::PublicKeyBytes authority{};  // whose signature a network definition must carry
  std::uint32_t attempts_max = 200;  // then the dead letters; with the pauses below, more than a week
  base::Milliseconds retry_first{1'000};
  base::Milliseconds retry_most{3'600'000};
  base::Milliseconds decide_within{10LL * 86'400'000};  // where the agreement names no deadline
  base::Milliseconds complete_within{90LL * 86'400'000};
  base::Milliseconds acknowledge_within{7LL * 86'400'000};
  base::Milliseconds rights_within{30LL * 86'400'000};  // GDPR, article 12(3): one month
  base::Milliseconds remind_every{7LL * 86'400'000};    // a passed deadline that ended nothing
  base::Milliseconds pause_most{7LL * 86'400'000};      // less than an institution may be away unannounced, see above
};

/// What decide() may know beside the state.
struct Context {
  base::Instant now{};    // never before the last record's
  Position position = 0;  // of the record that these events will form
  const Rules& rules;
};

/// An accepted command. `repeat_of` tells of a submission seen before: no events, the first receipt is given again.
struct Decision {
  std::vector<v1::Event> events;
  std::optional<v1::MessageRow> repeat_of;
};

base::Result<Decision> decide(const State& state, const Command& command, const Context& context);

/// The pause before attempt number `attempts` + 1, when the adapter asks for one of `after`; 0: it leaves that to the
/// broker. Its pace holds for a dozen attempts. Then pauses grow as the broker's own do: a software that is away for a
/// week must not use up its attempts in an hour.
base::Milliseconds retry_pause(std::uint32_t attempts, base::Milliseconds after, const Rules& rules);

}  // namespace relais::core
