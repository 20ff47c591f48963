// Everything that becomes of what the broker says: on one thread, apart from the session, so that a slow handler never
// costs the connection.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

#include "adapters/sdk/automatic.h"
#include "adapters/sdk/inbox.h"
#include "adapters/sdk/opener.h"
#include "adapters/sdk/preparation.h"
#include "adapters/sdk/route_finder.h"
#include "adapters/sdk/session.h"
#include "broker/base/bounded_queue.h"

namespace relais::sdk {

struct Delivered {
  std::uint64_t session = 0;
  v1::Deliver deliver;
};
struct Promised {
  Submissions::Out submission;
  std::uint64_t position = 0;
};
struct RefusedForGood {
  Submissions::Out submission;
  v1::Refused refusal;
};
/// A submission without a recipient was stored.
struct RouteWanted {};
using News = std::variant<Delivered, Promised, RefusedForGood, RouteWanted>;

/// What the worker uses; all outlive it.
struct WorkerParts {
  Handler& handler;
  Store& store;
  Outbox& outbox;
  Keyring& keyring;
  NetworkKeeper& network;
  Preparation& preparation;
  Figures& figures;
  const base::Clock& clock;
  bool automatic_receipts;
};

/// Threads: start() and stop() from one; tell() and keeps_up() from any; the handler is called on the worker's.
/// Life: the constructor starts nothing; start() and stop() are idempotent.
class Worker {
 public:
  explicit Worker(WorkerParts parts);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// `session` outlives the worker's thread.
  void start(Session& session);

  /// Ends after the handler's present call; what was handled until then is settled.
  void stop();

  /// Credit and the window of submissions bound what waits.
  void tell(News&& news);
  [[nodiscard]] bool keeps_up() const { return waiting_.load() < kWaitingMax; }

 private:
  static constexpr std::size_t kWaitingMax = 16'384;

  void run();
  void take(Delivered& delivered);
  void take(Promised& promised);
  void take(RefusedForGood& refused);
  void take(RouteWanted&) {}  // find_routes() follows every group
  void find_routes();
  void handle(const Delivered& delivered, Incoming& message);
  base::Status note_handled(const Incoming& message, Verdict& verdict, Side side);
  Verdict call(const Incoming& message);
  std::optional<Side> side_of(const Incoming& message);
  void acknowledge_own_cancellation(const Submissions::Out& submission, Prepared& prepared);
  bool harmless(const RefusedForGood& refused) const;

  void settle(const Delivered& delivered, v1::Settle verdict);
  void retry(const Delivered& delivered, std::chrono::milliseconds after, std::string_view reason);
  void reject(const Delivered& delivered, std::string_view reason);
  void finish_promises();
  /// Makes durable what was handled since the last call, and says so.
  void finish_group();

  WorkerParts parts_;
  Inbox inbox_;
  Opener opener_;
  RouteFinder routes_;
  bool more_routes_ = false;
  Session* session_ = nullptr;
  base::BoundedQueue<News> news_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;

  std::vector<Settlement> settlements_;     // of this group
  std::vector<Submissions::Out> promised_;  // told, and still in the outbox
  Prepared after_promises_;
  bool unsynced_ = false;
  std::chrono::steady_clock::time_point group_began_;
};

}  // namespace relais::sdk
