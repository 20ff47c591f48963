// What operators did, from the journal: who, when, what, why. Found by a walk back through it, so far at a time; every
// record that is read is checked against the chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/result.h"
#include "broker/core/message_key.h"
#include "broker/engine/table_walk.h"
#include "broker/journal/store.h"

namespace relais::engine {

struct OperatorActFilter {
  std::string name;                    // of the operator, as given; empty: any
  std::string action;                  // empty: any
  std::optional<base::Instant> from;   // at or after
  std::optional<base::Instant> until;  // before
};

struct OperatorAct {
  core::Position position = 0;
  base::Instant at{};
  std::string name;
  std::string action;  // dead_letter.requeue, network.apply, ...
  std::string reason;
  std::string message_id;             // 16 bytes, of the message that it was about or that it sent; empty: of none
  std::string recipient;              // whose dead letter it was, or whose deliveries were paused
  std::string account;                // of a person who may use the console
  std::uint64_t network_version = 0;  // 0: no network definition was put in force
};

struct OperatorActPage {
  std::vector<OperatorAct> acts;  // the newest first
  core::Position next = 0;        // where to go on; 0: there is no more
  std::uint64_t examined = 0;
  core::Position last = 0;               // the journal's end
  std::optional<base::Instant> reached;  // time of the oldest record that was read
};

/// A stretch of the chain that was read and checked.
struct ChainStretch {
  journal::ChainEnd reached;             // everything from the stretch's first record up to here fits
  journal::ChainEnd end;                 // of the journal
  std::optional<base::Refusal> damaged;  // why the chain does not go on behind `reached`
};

/// Any thread. Sees the durable state.
class OperatorActs {
 public:
  explicit OperatorActs(const journal::Store& store) : store_(store) {}

  /// `from` is the `next` of the page before, or 0. A page may hold fewer than `most` and still have a next.
  /// journal.damaged (facts: position, why) when a record that was read does not fit the chain.
  [[nodiscard]] base::Result<OperatorActPage> page(const OperatorActFilter& filter, core::Position from,
                                                   std::size_t most, WalkLimits limits = {}) const;

  /// Checks the chain from `from` on, which is 1 or one behind what an earlier call reached.
  [[nodiscard]] ChainStretch verify(core::Position from, WalkLimits limits = {}) const;

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
