// A whole territory on one thread under a seed: the broker's real machine, a store that fails and crashes, sessions
// that break, frames that are late, clocks that jump, adapters that die.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/engine/machine.h"
#include "broker/journal/memory_store.h"
#include "tests/simulation/adapter.h"
#include "tests/simulation/random.h"

namespace relais::simulation {

struct Outcome {
  std::string fault;  // empty: everything held
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t refused = 0;
  std::uint64_t dead = 0;
  std::uint64_t crashes = 0;
  std::uint64_t referrals = 0;
  std::uint64_t places = 0;     // ever taken in slots
  std::uint64_t pauses = 0;     // of deliveries, announced or at once
  std::uint64_t handed_on = 0;  // referrals that a fallback or the default recipient got
  std::uint64_t assigned = 0;   // by a team to a member
  std::uint64_t delegated = 0;  // requested in the name of another
  std::uint64_t withdrawn = 0;  // consents
  std::uint64_t missed = 0;     // deadlines
  std::string digest;           // of the final state: the same seed gives the same
};

class Simulator {
 public:
  explicit Simulator(std::uint64_t seed);

  /// `steps` of chaos, then calm until everything has ended, then the checks.
  Outcome run(std::size_t steps);

 private:
  struct Link {
    Adapter* adapter = nullptr;
    std::uint64_t session = 0;
    std::deque<v1::AdapterFrame> to_broker;
    std::deque<v1::BrokerFrame> to_adapter;
  };

  void boot();
  void crash_broker();
  void connect(Adapter& adapter);
  void cut(std::uint64_t session, bool broker_knows);
  void cut_dead(std::uint64_t session);
  void chaos();
  void serve_one_frame();
  void take_turn();
  void advance_clock();
  void calm_down();
  void operate();
  void pause_or_resume();

  /// After every turn: who answers for each open referral, and until when.
  void check_holders(bool all_timers_went_off);
  void check_replay();
  void check_state();
  void check_rights();
  void check_slots();
  void check_pauses();
  void check_promises();
  void check_consent();
  void check_overtaken();
  void check_reminders();
  void fail(const std::string& what);

  Random random_;
  base::Instant now_;
  base::Signer authority_;
  base::Signer broker_;
  core::Rules rules_;
  std::unique_ptr<journal::MemoryStore> store_;
  std::unique_ptr<engine::Machine> machine_;
  std::vector<std::unique_ptr<Adapter>> adapters_;
  std::map<std::uint64_t, Link> links_;
  std::uint64_t next_session_ = 1;
  std::uint64_t network_version_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t places_ = 0;
  Outcome seen_;  // what the journal tells
  std::uint64_t pauses_ = 0;
  base::Instant latest_;  // while it runs, the broker's time never goes back
  std::string fault_;
};

}  // namespace relais::simulation
