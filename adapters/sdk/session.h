// The session with the broker, on a thread of its own: connects, keeps the connection alive, sends what is in the
// outbox, receives what is for us.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "adapters/sdk/adapter_config.h"
#include "adapters/sdk/figures.h"
#include "adapters/sdk/session_mailbox.h"
#include "adapters/sdk/submissions.h"
#include "broker/base/result.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

/// Told by the session thread; must not block.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void delivered(std::uint64_t session, v1::Deliver&& deliver) = 0;
  virtual void promised(Submissions::Out&& submission, const v1::Receipt& receipt) = 0;
  virtual void refused(Submissions::Out&& submission, const v1::Refused& refusal) = 0;
  virtual void network_received(const v1::SignedNetwork& network) = 0;
  [[nodiscard]] virtual std::uint64_t network_version() const = 0;
  /// False while so much was told that was not dealt with that nothing more should be submitted.
  [[nodiscard]] virtual bool keeps_up() const = 0;
};

/// Threads: start() and stop() from one; the others from any.
/// Life: the constructor starts nothing; start() and stop() are idempotent. What it refers to outlives it.
class Session {
 public:
  Session(const AdapterConfig& config, Outbox& outbox, SessionListener& listener, Figures& figures);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start();

  /// Sends what is settled, says goodbye, ends. Questions that are open then are answered with io.failed.
  void stop();

  /// The outbox has more, or the listener keeps up again.
  void wake() { mailbox_.wake(); }

  void settle(std::vector<Settlement> settlements);

  /// Submissions that have a recipient now, or were refused for want of one.
  void routed(const std::vector<Sequence>& sequences);

  /// The answer of the broker, which may be `refused`; io.failed without one within `patience`.
  base::Result<v1::Answer> ask(v1::Query query, std::chrono::milliseconds patience);

  /// Asks for the network definition again; at most once a second.
  void refresh_network();

  /// The session that is open; 0: none. Deliveries of others are not worth handling: they come again.
  [[nodiscard]] std::uint64_t current() const { return current_.load(); }

 private:
  void run();
  bool pause(std::chrono::milliseconds for_how_long);

  const AdapterConfig& config_;
  SessionListener& listener_;
  Figures& figures_;
  Submissions submissions_;
  SessionMailbox mailbox_;
  std::vector<std::shared_ptr<Question>> questions_;  // taken from the mailbox, not answered yet
  std::atomic<std::uint64_t> current_{0};
  std::thread thread_;
};

}  // namespace relais::sdk
