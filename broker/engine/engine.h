// The one engine thread and the commit thread behind it: commands in batches, one disk sync for each batch, and nothing
// told to the world before its batch is on disk.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "broker/base/bounded_queue.h"
#include "broker/base/clock.h"
#include "broker/engine/machine.h"

namespace relais::engine {

/// Where effects go. Called on the commit or the engine thread, never on both at once, after the disk has confirmed;
/// must not block.
class Gateway {
 public:
  virtual ~Gateway() = default;
  /// False: the session is gone; what it had is offered again when its end is reported.
  virtual bool send(SessionId session, v1::BrokerFrame&& frame) = 0;
  virtual void use_network(std::shared_ptr<const core::Directory> network) = 0;
};

struct SessionOpened {
  SessionId session = 0;
  std::vector<std::string> institutions;
};
struct SessionClosed {
  SessionId session = 0;
};
struct Submitted {
  SessionId session = 0;
  std::vector<core::Submission> submissions;
};
/// What a frame asked for beside its submissions.
struct Asked {
  SessionId session = 0;
  std::optional<v1::Grant> grant;
  std::vector<v1::Settle> settles;
  std::vector<v1::Query> queries;
};
struct Operated {
  core::Command command;
  std::promise<base::Result<core::Position>> done;  // fulfilled once durable
};
using Input = std::variant<SessionOpened, SessionClosed, Submitted, Asked, Operated>;

struct EngineConfig {
  MachineConfig machine;
  std::size_t inputs_max = 65'536;  // waiting; beyond: broker.overloaded
  // Reached only under more load than the disk takes: a batch is what came during the last sync. Eight producers with
  // 256 outstanding each were confirmed 11 % faster at 512 than at 256, 7 % more at 1,024 and 5 % more here.
  std::size_t batch_records_max = 2'048;
  std::size_t batch_bytes_max = 8u << 20;
  std::chrono::milliseconds disk_retry{200};  // pause before a full disk is tried again
};

struct EngineFigures {
  MachineFigures machine;
  std::uint64_t leases = 0;
  std::uint64_t inputs_waiting = 0;
  bool disk_full = false;  // new messages are refused for want of room, or the journal itself waits for it
  core::Position durable = 0;
};

/// Threads: start() and stop() on the main thread; offer(), operate(), figures() from any.
/// Life: the constructor starts nothing and reads only the store's head; `store`, `gateway`, `clock` and `signer`
/// outlive it. `on_fatal` is called once, on the thread that commits, when the journal can not be written: memory is
/// then ahead of the disk, and the process must end.
class Engine {
 public:
  Engine(journal::Store& store, Gateway& gateway, const base::Clock& clock, const base::Signer& signer,
         std::string signing_key_id, EngineConfig config, std::function<void(const base::Refusal&)> on_fatal);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();

  /// Finishes what was offered, makes it durable, and stops.
  void stop();

  /// False when too much is waiting: the caller answers broker.overloaded. `input` is then untouched.
  [[nodiscard]] bool offer(Input&& input);

  /// For what sessions may always say: their number and their credit bound it.
  void tell(Input&& input);

  /// An operator's command; the answer comes when it is durable. broker.overloaded, or the core's refusals.
  std::future<base::Result<core::Position>> operate(core::Command command);

  void set_draining(bool draining) { draining_.store(draining); }

  [[nodiscard]] EngineFigures figures() const;

 private:
  struct Promised {
    std::promise<base::Result<core::Position>> done;
    core::Position position = 0;
  };
  struct Work {
    Step step;
    std::vector<Promised> promised;
  };

  void run();
  void take(SessionOpened& input);
  void take(SessionClosed& input);
  void take(Submitted& input);
  void take(Asked& input);
  void take(Operated& input);
  void gather(std::chrono::steady_clock::time_point deadline);
  void hand_over();
  bool may_wait();
  bool try_commit(Work& work);
  void wait_for_commit();
  void run_commits();
  void finish(Work& work);
  void publish_figures();

  journal::Store& store_;
  Gateway& gateway_;
  const base::Clock& clock_;
  const EngineConfig config_;
  const std::function<void(const base::Refusal&)> on_fatal_;
  Machine machine_;
  base::BoundedQueue<Input> inputs_;
  std::deque<Input> taken_;  // out of the queue, not yet in a batch
  std::vector<Promised> promised_;
  std::optional<std::chrono::steady_clock::time_point> unhurried_since_;  // a batch without company waits since then

  std::mutex commit_mutex_;
  std::condition_variable commit_wake_;
  std::condition_variable commit_done_;
  std::optional<Work> commit_work_;
  bool commit_busy_ = false;
  bool commit_quit_ = false;

  std::atomic<std::uint64_t> committed_generation_{0};
  std::atomic<bool> draining_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> disk_full_{false};
  mutable std::mutex figures_mutex_;
  EngineFigures figures_;
  std::thread engine_thread_;
  std::thread commit_thread_;
};

}  // namespace relais::engine
