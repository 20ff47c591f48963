// What the transport thread does: receives, keeps the sessions, answers what is its own to answer, sends.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/transport/access_list.h"
#include "broker/transport/connection_monitor.h"
#include "broker/transport/mailbox.h"
#include "broker/transport/outbox.h"
#include "broker/transport/router.h"
#include "broker/transport/session_table.h"
#include "broker/transport/zmq_socket.h"

namespace relais::transport {

/// Written by the transport thread, read by any.
struct Counters {
  std::atomic<std::uint64_t> sessions_open{0};
  std::atomic<std::uint64_t> frames_received{0};
  std::atomic<std::uint64_t> frames_sent{0};
  std::atomic<std::uint64_t> frames_refused{0};
  std::atomic<std::uint64_t> handshakes_refused{0};
};

/// Threads: built and bound on one thread, then run() and destroyed on the transport thread. Everything referred to
/// outlives it.
class RouterLoop {
 public:
  RouterLoop(const RouterConfig& config, const base::SecretKey& secret, Listener& listener, const base::Clock& clock,
             Mailbox& mailbox, Outbox& outbox, Counters& counters);

  /// io.failed.
  base::Status bind();
  [[nodiscard]] std::string endpoint() const { return router_.last_endpoint(); }

  /// Until the mailbox says stop; every session is closed then.
  void run();

 private:
  void wait();
  /// False when told to stop.
  bool obey_orders();
  void use_access(std::shared_ptr<const AccessList> access);
  void notify_all();

  /// True when nothing is left to receive.
  bool receive_burst();
  void handle(bool one_part);
  void handle_hello(Peer& peer, const v1::Hello& hello);
  void handle_in_session(Peer& peer, v1::AdapterFrame&& frame);
  Peer& sender();

  void flush_outbox();
  void flush(Peer& peer, const std::vector<Outbox::Item>& items);
  void send(Peer& peer, v1::BrokerFrame& frame);
  void send(Peer& peer, zmq::Message&& bytes);
  void refuse(Peer& peer, const base::Refusal& refusal);
  void slow_down(Peer& peer);
  void welcome(Peer& peer);
  void notify(Peer& peer);

  void end_session(Peer& peer, std::string_view why);
  void end_disconnected();
  void sweep();
  [[nodiscard]] bool still_entitled(const Peer& peer) const;
  [[nodiscard]] SessionId new_session_id();

  const RouterConfig& config_;
  Listener& listener_;
  const base::Clock& clock_;
  Mailbox& mailbox_;
  Outbox& outbox_;
  Counters& counters_;

  zmq::Context context_;
  zmq::Socket zap_;
  zmq::Socket router_;
  ConnectionMonitor monitor_;

  SessionTable table_;
  std::shared_ptr<const AccessList> access_;
  bool draining_ = false;
  SteadyTime now_;  // of the present turn of the loop
  SteadyTime next_sweep_;
  zmq::Message routing_id_;  // of the message being handled
  zmq::Message payload_;
};

}  // namespace relais::transport
