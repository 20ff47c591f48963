// Between the transport and the engine: checks the shape of what comes in, and lets out what is durable.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "broker/app/adapters_seen.h"
#include "broker/base/bounded_queue.h"
#include "broker/base/clock.h"
#include "broker/engine/engine.h"
#include "broker/transport/listener.h"
#include "broker/transport/router.h"

namespace relais::app {

/// Threads: the listener's functions on the transport thread, the gateway's on the engine's or the commit thread; the
/// signatures, where they are checked here, on one thread of its own, so that the order of each session is kept.
/// Life: connect() once, before the router and the engine start; close() when the router has stopped.
class Door final : public transport::Listener, public engine::Gateway {
 public:
  Door(const base::Clock& clock, bool verify_signatures);
  ~Door() override;

  void connect(transport::Router& router, engine::Engine& engine);
  void close();

  [[nodiscard]] const AdaptersSeen& adapters() const { return adapters_; }

  // transport::Listener
  void session_opened(const transport::SessionInfo& session) override;
  void session_closed(transport::SessionId session, std::string_view why) override;
  void frame_received(transport::SessionId session, v1::AdapterFrame&& frame) override;

  // engine::Gateway
  bool send(engine::SessionId session, v1::BrokerFrame&& frame) override;
  void use_network(std::shared_ptr<const core::Directory> network) override;

 private:
  void pass_on(engine::Submitted&& submitted);
  void overloaded(const engine::Submitted& submitted);
  void verify();

  const base::Clock& clock_;
  const bool verify_signatures_;
  AdaptersSeen adapters_;
  transport::Router* router_ = nullptr;
  engine::Engine* engine_ = nullptr;
  base::BoundedQueue<engine::Submitted> to_verify_;
  std::mutex network_mutex_;
  std::shared_ptr<const core::Directory> network_;
  std::thread verifier_;
};

}  // namespace relais::app
