// The messages of a producer, sealed and signed before the clock runs: what is measured is the broker.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/world.h"

#include "relais/v1/frames.pb.h"

namespace relais::bench {

/// Who sent a message and which one it was: the first bytes of its id. `run` tells one client process from another.
struct Stamp {
  std::uint32_t run = 0;
  std::uint32_t producer = 0;
  std::uint64_t number = 0;
};

Stamp stamp_of(std::string_view message_id);

/// `count` referral requests to the queues in turn, starting with the producer's own; each opens a referral in a case
/// of its own and carries one sealed note of `size` bytes.
std::vector<v1::Submit> prepare_messages(const Options& options, std::uint32_t run, int producer, std::uint64_t count);

}  // namespace relais::bench
