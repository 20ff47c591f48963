// The broker on one thread: commands in, one batch and its effects out. No thread, no clock, no socket, no disk write:
// the engine drives it in production, the simulator under a seed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/core/apply.h"
#include "broker/core/decide.h"
#include "broker/engine/dispatcher.h"
#include "broker/engine/message_cache.h"
#include "broker/journal/overlay_tables.h"
#include "broker/journal/store.h"

#include "relais/v1/frames.pb.h"

namespace relais::engine {

struct MachineConfig {
  core::Rules rules;
  std::uint32_t credit_messages_max = 4'096;  // per session
  std::uint64_t credit_bytes_max = 64u << 20;
  std::size_t cache_rows_max = 6'000;  // per table, see OverlayTables; more than the processor's cache slows it
  std::size_t cache_message_bytes_max = 32u << 20;
  std::uint64_t disk_reserve_bytes = 256u << 20;  // below this much free space nothing new is taken
};

/// A frame that may leave once the batch is durable.
struct Effect {
  SessionId session = 0;
  v1::BrokerFrame frame;
};

/// What one turn produced. Nothing of `effects` may leave before `batch` is durable.
struct Step {
  std::uint64_t generation = 0;
  journal::Batch batch;
  std::vector<Effect> effects;
  std::shared_ptr<const core::Directory> network;  // set when another definition is in force from here on

  [[nodiscard]] bool empty() const { return batch.empty() && effects.empty() && !network; }
};

/// Counted since the start; read by the engine's owner between turns.
struct MachineFigures {
  std::uint64_t submissions = 0;
  std::uint64_t repeats = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t retries = 0;
  std::uint64_t dead = 0;
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t> refusals;          // by code
  std::map<std::string, std::uint64_t> deadlines_missed;  // by who was to act; exercises are left out
};

/// Threads: one. Ownership: refers to `store`, which outlives it; `broker_signer` may be null in tests without notices.
class Machine {
 public:
  Machine(const journal::Store& store, MachineConfig config, const base::Signer& broker_signer,
          std::string broker_signing_key_id);

  // ---- what happens; `now` never counts backwards, an earlier one is taken as the latest seen ----

  void session_opened(SessionId session, const std::vector<std::string>& institutions);
  void session_closed(SessionId session, base::Instant now);
  void granted(SessionId session, const v1::Grant& grant);
  /// Reads what the submissions of a frame will ask for, in one go. Changes nothing.
  void look_ahead(std::span<const core::Submission> submissions);
  void submitted(SessionId session, core::Submission&& submission, base::Instant now);
  void settled(SessionId session, const v1::Settle& settle, base::Instant now);
  void queried(SessionId session, const v1::Query& query, base::Instant now);
  /// An operator's command: the position it will have once the batch is durable.
  base::Result<core::Position> operated(core::Command&& command, base::Instant now);
  /// Lets at most `timers_max` due timers go off; answers whether there may be more.
  bool pass_time(base::Instant now, std::size_t timers_max);

  /// Draining: nothing new is taken; deliveries, acknowledgements and timers go on.
  void set_draining(bool draining) { draining_ = draining; }
  /// Looks at the free space; called now and then, not for each message.
  void look_at_disk();
  /// As it was when it was last looked at: nothing new is taken.
  [[nodiscard]] bool disk_low() const { return disk_low_; }

  // ---- what follows ----

  /// When the first timer is due; the far future when there is none.
  [[nodiscard]] base::Instant next_due() const;

  /// Records and bytes gathered for the next step.
  [[nodiscard]] std::size_t gathered_records() const { return batch_.records.size(); }
  [[nodiscard]] std::size_t gathered_bytes() const { return gathered_bytes_; }

  /// Gives out what the credit of the sessions allows.
  void dispatch();
  /// Whether somebody waits for the step: a receipt, a refusal, a delivery, an answer.
  [[nodiscard]] bool has_effects() const { return !effects_.empty(); }

  /// Gives out deliveries and closes the turn.
  Step take_step();

  /// The batch of this generation, and all before it, are durable.
  void committed(std::uint64_t generation);

  [[nodiscard]] const core::State& state() const { return state_; }
  [[nodiscard]] const Dispatcher& dispatcher() const { return dispatcher_; }
  [[nodiscard]] const MachineFigures& figures() const { return figures_; }

 private:
  base::Result<core::Decision> run(const core::Command& command, base::Instant now);
  void store_record(core::Decision& decision, base::Instant now);
  void count_missed(const v1::Event& event);
  v1::BrokerFrame& frame_for(SessionId session, std::size_t bytes);
  void refuse(SessionId session, const base::Refusal& refusal, std::string_view message_id);
  void deliver(const Lease& lease);
  void sign_notice(const StoredMessage& message, v1::Deliver& out) const;
  void settle_one(const Lease& lease, const v1::Settle& settle, base::Instant now);

  const journal::Store& store_;
  const MachineConfig config_;
  const base::Signer& broker_signer_;
  const std::string broker_signing_key_id_;
  journal::OverlayTables tables_;
  core::State state_;
  Dispatcher dispatcher_;
  MessageCache cache_;
  core::Position position_;  // of the last record, durable or not
  base::Instant last_{};
  bool copied_ = false;  // whether the message accepted last goes to others than it names
  bool draining_ = false;
  bool disk_low_ = false;
  std::uint64_t open_generation_ = 1;

  journal::Batch batch_;
  std::size_t gathered_bytes_ = 0;
  std::vector<Effect> effects_;
  std::map<SessionId, std::size_t> open_frames_;  // index in effects_ of the frame being filled
  std::map<SessionId, std::size_t> frame_bytes_;
  MachineFigures figures_;
};

}  // namespace relais::engine
