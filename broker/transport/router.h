// The broker's only door for adapters: one ROUTER socket with CURVE, a ZAP handler, and the table of sessions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "broker/base/clock.h"
#include "broker/base/crypto.h"
#include "broker/base/result.h"
#include "broker/transport/listener.h"

#include "relais/v1/frames.pb.h"
#include "relais/v1/network.pb.h"

namespace relais::transport {

struct RouterConfig {
  std::string endpoint = "tcp://127.0.0.1:5570";  // tcp://host:port; port * picks a free one
  std::chrono::milliseconds heartbeat{5'000};
  std::chrono::milliseconds silence{15'000};  // a session without traffic for this long ends
  std::uint32_t frame_bytes_max = 8u << 20;
  std::uint32_t message_bytes_max = 1u << 20;  // one submission: envelope plus compartments
  std::uint32_t credit_messages_max = 4'096;
  std::uint32_t credit_bytes_max = 64u << 20;
  std::uint32_t sessions_max = 4'096;
  std::uint32_t frames_per_second_max = 20'000;  // per connection; beyond: rate.exceeded, the frame is not read
  std::size_t outbound_bytes_max = 512u << 20;   // waiting to be sent, of all sessions together
};

struct RouterFigures {
  std::uint64_t sessions_open = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_refused = 0;
  std::uint64_t handshakes_refused = 0;
};

/// Threads: start(), stop() on the main thread; send(), use_network(), notify_draining(), figures() from any; the
/// listener is called on the transport thread, which owns every ZeroMQ socket.
/// Life: the constructor starts nothing; start() and stop() are idempotent. `listener` outlives the router.
class Router {
 public:
  Router(RouterConfig config, base::SecretKey transport_secret, Listener& listener, const base::Clock& clock);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// io.failed when the endpoint can not be bound. Until use_network() nobody is let in.
  base::Status start();
  void stop();

  /// The endpoint with its real port, once started.
  [[nodiscard]] std::string endpoint() const;

  /// Who may connect from now on. Sessions whose key or institutions are no longer in it are closed with
  /// identity.unknown; the others get a Notice.
  void use_network(const std::shared_ptr<const v1::NetworkDefinition>& network);

  /// Sends a frame to a session; the session field is filled in. False when the session is gone or the outbound queue
  /// is full: what the frame carried is then offered again by other means (leases end with session_closed()).
  /// Frames that wait for the same session leave together; one larger than frame_bytes_max leaves in several.
  bool send(SessionId session, v1::BrokerFrame&& frame);

  /// Tells every adapter that the broker takes nothing new, or that it takes messages again.
  void notify_draining(bool draining);

  [[nodiscard]] RouterFigures figures() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace relais::transport
