// What operators ask: queues, one message's way, one referral, slots. Read from the durable state, on the asker's
// thread. Envelopes and counts only: nothing here can show a content.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/core/message_key.h"
#include "broker/core/network_trial.h"
#include "broker/journal/store.h"

#include "relais/v1/network.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::engine {

struct QueueReport {
  std::string institution;
  std::string name;
  v1::InstitutionCounts counts;
  std::optional<base::Instant> oldest;  // acceptance of the oldest message that is ready, in line or being delivered
  std::optional<v1::InstitutionPause> pause;  // announced or in force

  [[nodiscard]] bool paused() const { return pause && pause->in_force(); }
};

/// What went under each agreement, by its id.
using TrafficByAgreement = std::map<std::string, v1::AgreementTraffic, std::less<>>;

/// One line of a message's way.
struct TraceStep {
  core::Position position = 0;
  base::Instant at{};
  std::string event;      // accepted, delivered, parked, resumed, dead, requeued, discarded, erased
  std::string recipient;  // where it concerns one
  std::string detail;     // reason, attempts; who acted and why
};

struct TraceReport {
  std::string message_id;  // 16 bytes
  std::string kind;
  std::string sender;
  std::string purpose;
  std::string referral_id;
  std::string case_id;
  std::string trace_parent;  // W3C; may be empty
  bool exercise = false;
  v1::MessageRow row;
  std::vector<TraceStep> steps;
};

/// Any thread.
class Reports {
 public:
  explicit Reports(const journal::Store& store) : store_(store) {}

  /// One for each institution of the network definition in force, in its order; empty without one.
  [[nodiscard]] std::vector<QueueReport> queues() const;

  /// Of the agreements of the network definition in force; empty without one.
  [[nodiscard]] TrafficByAgreement traffic() const;

  [[nodiscard]] std::optional<TraceReport> trace(std::string_view message_id) const;

  struct Slots {
    std::vector<std::pair<std::string, v1::SlotRow>> rows;  // with their institution
    bool more = false;
  };
  /// Of one institution, or of all when empty, by institution and start, at most `most`. Withdrawn ones have capacity
  /// 0.
  [[nodiscard]] Slots slots(std::string_view institution, std::size_t most) const;

  struct Referral {
    v1::ReferralRow row;
    std::vector<std::pair<std::string, v1::AppointmentRow>> appointments;
  };
  [[nodiscard]] std::optional<Referral> referral(std::string_view referral_id) const;

  [[nodiscard]] std::optional<v1::NetworkDefinition> network() const;
  /// What stands against one that is to take its place. As core::try_network().
  [[nodiscard]] base::Result<core::NetworkTrial> try_network(const v1::SignedNetwork& signed_network,
                                                             const base::PublicKeyBytes& authority) const;

  [[nodiscard]] journal::ChainEnd chain_end() const { return store_.durable(); }
  [[nodiscard]] std::uint64_t free_bytes() const { return store_.free_bytes(); }

 private:
  const journal::Store& store_;
};

}  // namespace relais::engine
