// Who gets which message next: sessions with their credit, the ready messages, and what is out for delivery.
// All of it is volatile and rebuilt by adapters saying hello.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/keys.h"
#include "broker/core/state.h"
#include "broker/engine/ready_list.h"

#include "relais/v1/frames.pb.h"
#include "relais/v1/stored.pb.h"

namespace relais::engine {

using SessionId = std::uint64_t;

/// One message out for delivery.
struct Lease {
  SessionId session = 0;
  std::uint64_t delivery_id = 0;
  v1::DeliveryRef delivery;
  std::uint32_t attempt = 1;
  std::uint64_t bytes = 0;
};

/// Engine thread. Told of every change to the queues by apply(), as an Observer.
class Dispatcher final : public core::Observer {
 public:
  /// A delivery whose session ended this often without a word counts as a failed attempt.
  static constexpr std::uint32_t kLossesMax = 3;

  explicit Dispatcher(const core::State& state);
  ~Dispatcher() override;

  void open(SessionId session, const std::vector<std::string>& institutions);

  /// Everything it had is ready again. Answers the deliveries that were lost too often: the caller puts them off.
  std::vector<v1::DeliveryRef> close(SessionId session);

  /// Unknown sessions are ignored: they ended meanwhile. Credit is bounded by `messages_max` and `bytes_max`.
  void grant(SessionId session, const v1::Grant& grant, std::uint32_t messages_max, std::uint64_t bytes_max);

  /// The lease of a delivery; empty when the session has none of that id. Taking it ends the lease.
  std::optional<Lease> take_lease(SessionId session, std::uint64_t delivery_id);

  [[nodiscard]] bool speaks_for(SessionId session, std::string_view institution) const;
  [[nodiscard]] bool is_open(SessionId session) const { return sessions_.contains(session); }
  [[nodiscard]] std::size_t leases() const { return leases_; }
  [[nodiscard]] std::size_t sessions_of(std::string_view institution) const;

  /// Gives out what can be given out now, in order, sharing it among the sessions of an institution.
  void dispatch(const std::function<void(const Lease&)>& deliver);

  // core::Observer
  void ready(std::string_view recipient, std::uint8_t urgency, core::MessageKey key) override;
  void no_longer_ready(std::string_view recipient, std::uint8_t urgency, core::MessageKey key) override;
  void payload_erased(core::MessageKey key) override;
  void network_changed() override;
  void resumed(std::string_view institution) override;

  /// What apply() reported since the last call.
  std::vector<core::MessageKey> take_erased_payloads();
  bool take_network_changed();

 private:
  struct Session;
  struct Desk;
  Desk& desk(std::string_view institution);
  Session* session_with_credit(Desk& desk);
  std::optional<Lease> next(const std::string& institution, Desk& desk);

  const core::State& state_;
  std::map<SessionId, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::unique_ptr<Desk>, std::less<>> desks_;
  std::size_t leases_ = 0;  // of all desks together
  std::map<std::pair<std::string, core::MessageKey>, std::uint32_t> losses_;
  std::set<std::string, std::less<>> dirty_;  // institutions where something may be given out
  std::vector<core::MessageKey> erased_payloads_;
  std::uint64_t next_delivery_id_ = 1;
  bool network_changed_ = false;
};

}  // namespace relais::engine
