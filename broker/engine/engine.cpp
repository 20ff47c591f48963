#include "broker/engine/engine.h"

#include <algorithm>
#include <pthread.h>

#include "broker/base/log.h"

namespace relais::engine {

namespace {
constexpr std::size_t kTimersPerTurn = 64;
constexpr std::chrono::milliseconds kIdleTurn{500};
// Acknowledgements that nobody waits for give way to a submission that comes meanwhile: its receipt then waits for one
// disk sync, not for two.
constexpr std::chrono::milliseconds kUnhurried{2};
constexpr std::size_t kUnhurriedRecords = 64;
// A batch of so few records, with nothing else waiting, is committed on the engine thread: the two changes of thread
// it would cost to hand it over are a good part of what a lone confirmation takes.
constexpr std::size_t kAloneRecords = 4;
}  // namespace

Engine::Engine(journal::Store& store, Gateway& gateway, const base::Clock& clock, const base::Signer& signer,
               std::string signing_key_id, EngineConfig config, std::function<void(const base::Refusal&)> on_fatal)
    : store_(store),
      gateway_(gateway),
      clock_(clock),
      config_(config),
      on_fatal_(std::move(on_fatal)),
      machine_(store, config_.machine, signer, std::move(signing_key_id)),
      inputs_(config_.inputs_max) {}

Engine::~Engine() { stop(); }

void Engine::start() {
  if (engine_thread_.joinable()) return;
  if (auto network = machine_.state().shared_directory()) gateway_.use_network(std::move(network));
  commit_thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "commit");
    run_commits();
  });
  engine_thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "engine");
    run();
  });
}

void Engine::stop() {
  if (!engine_thread_.joinable()) return;
  stopping_.store(true);
  inputs_.close();
  engine_thread_.join();
  {
    const std::lock_guard lock(commit_mutex_);
    commit_quit_ = true;
  }
  commit_wake_.notify_all();
  commit_thread_.join();
}

bool Engine::offer(Input&& input) { return inputs_.push(std::move(input)); }

void Engine::tell(Input&& input) { inputs_.push_regardless(std::move(input)); }

std::future<base::Result<core::Position>> Engine::operate(core::Command command) {
  Operated operated{std::move(command), {}};
  auto answer = operated.done.get_future();
  Input input(std::move(operated));
  if (!inputs_.push(std::move(input)))
    std::get<Operated>(input).done.set_value(base::refuse(base::RefusalCode::broker_overloaded));
  return answer;
}

void Engine::run() {
  auto disk_looked_at = std::chrono::steady_clock::now();
  while (true) {
    const auto committed = committed_generation_.load(std::memory_order_acquire);
    if (committed != 0) machine_.committed(committed);
    const bool full = machine_.gathered_records() >= config_.batch_records_max ||
                      machine_.gathered_bytes() >= config_.batch_bytes_max;
    const auto until_due = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::min(machine_.next_due(), clock_.now() + kIdleTurn) - clock_.now());
    auto deadline = std::chrono::steady_clock::now() + std::max(until_due, std::chrono::milliseconds(0));
    if (unhurried_since_) deadline = std::min(deadline, *unhurried_since_ + kUnhurried);
    // A full batch waits for the one before it; one with room grows until then: the commit thread pokes the queue.
    if (full)
      wait_for_commit();
    else
      gather(deadline);
    machine_.set_draining(draining_.load(std::memory_order_relaxed));
    if (!full) machine_.pass_time(clock_.now(), kTimersPerTurn);
    if (std::chrono::steady_clock::now() - disk_looked_at > kIdleTurn) {
      disk_looked_at = std::chrono::steady_clock::now();
      machine_.look_at_disk();
      publish_figures();
    }
    hand_over();
    if (stopping_.load() && taken_.empty() && inputs_.size() == 0) {
      wait_for_commit();
      if (machine_.gathered_records() == 0) return;
    }
  }
}

/// Deals with inputs until the batch is full. A frame may hold many submissions: what does not fit waits its turn.
void Engine::gather(std::chrono::steady_clock::time_point deadline) {
  if (taken_.empty()) {
    for (auto& input : inputs_.take(config_.batch_records_max, deadline)) taken_.push_back(std::move(input));
  }
  while (!taken_.empty() && machine_.gathered_records() < config_.batch_records_max &&
         machine_.gathered_bytes() < config_.batch_bytes_max) {
    std::visit([this](auto& input) { take(input); }, taken_.front());
    taken_.pop_front();
  }
}

void Engine::wait_for_commit() {
  std::unique_lock lock(commit_mutex_);
  commit_done_.wait(lock, [this] { return !commit_busy_; });
}

void Engine::take(SessionOpened& input) { machine_.session_opened(input.session, input.institutions); }
void Engine::take(SessionClosed& input) { machine_.session_closed(input.session, clock_.now()); }

void Engine::take(Submitted& input) {
  const auto now = clock_.now();
  machine_.look_ahead(input.submissions);
  for (auto& submission : input.submissions) machine_.submitted(input.session, std::move(submission), now);
}

void Engine::take(Asked& input) {
  if (input.grant) machine_.granted(input.session, *input.grant);
  const auto now = clock_.now();
  for (const auto& settle : input.settles) machine_.settled(input.session, settle, now);
  for (const auto& query : input.queries) machine_.queried(input.session, query, now);
}

void Engine::take(Operated& input) {
  auto position = machine_.operated(std::move(input.command), clock_.now());
  if (!position) return input.done.set_value(position.refusal());
  promised_.push_back({std::move(input.done), *position});
}

/// Gives the turn's work to the commit thread, unless it is still busy, or nobody waits: then the batch goes on
/// growing.
void Engine::hand_over() {
  {
    const std::lock_guard lock(commit_mutex_);
    if (commit_busy_) {
      unhurried_since_.reset();
      return;
    }
  }
  machine_.dispatch();
  if (may_wait()) return;
  const bool alone = machine_.gathered_records() <= kAloneRecords && taken_.empty() && inputs_.size() == 0;
  Work work{machine_.take_step(), std::exchange(promised_, {})};
  if (work.step.empty()) {
    base::check(work.promised.empty(), "an operator's command leaves a record");
    return;
  }
  if (alone && try_commit(work)) return;
  {
    const std::lock_guard lock(commit_mutex_);
    commit_work_ = std::move(work);
    commit_busy_ = true;
  }
  commit_wake_.notify_one();
}

/// Commits on the engine thread, the commit thread being idle. False when the disk has no room: to wait for it is the
/// commit thread's.
bool Engine::try_commit(Work& work) {
  if (!work.step.batch.empty()) {
    const auto done = store_.append(work.step.batch);
    if (!done && done.refusal().code == base::RefusalCode::broker_disk_full) return false;
    if (!done) {
      {
        const std::lock_guard lock(commit_mutex_);
        commit_busy_ = true;
      }
      on_fatal_(done.refusal());  // the engine waits for ever: the process is about to end
      return true;
    }
  }
  finish(work);
  return true;
}

/// Whether what is gathered may wait a little for company.
bool Engine::may_wait() {
  const auto records = machine_.gathered_records();
  if (records == 0 || records >= kUnhurriedRecords || machine_.has_effects() || !promised_.empty() ||
      stopping_.load()) {
    unhurried_since_.reset();
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!unhurried_since_) unhurried_since_ = now;
  return now < *unhurried_since_ + kUnhurried;
}

void Engine::run_commits() {
  std::unique_lock lock(commit_mutex_);
  while (true) {
    commit_wake_.wait(lock, [this] { return commit_work_.has_value() || commit_quit_; });
    if (!commit_work_) return;
    auto work = std::move(*commit_work_);
    commit_work_.reset();
    lock.unlock();
    if (!work.step.batch.empty()) {
      auto done = store_.append(work.step.batch);
      while (!done && done.refusal().code == base::RefusalCode::broker_disk_full) {
        if (!disk_full_.exchange(true)) base::log_error("disk full, waiting for room", {});
        if (stopping_.load()) return on_fatal_(done.refusal());  // nobody was told anything of it yet
        std::this_thread::sleep_for(config_.disk_retry);
        done = store_.append(work.step.batch);
      }
      if (!done) return on_fatal_(done.refusal());  // the engine waits for ever: the process is about to end
      if (disk_full_.exchange(false)) base::log_info("disk has room again", {});
    }
    finish(work);
    lock.lock();
    commit_busy_ = false;
    commit_done_.notify_one();
    inputs_.poke();
  }
}

/// What is on disk is told to the world.
void Engine::finish(Work& work) {
  if (work.step.network) gateway_.use_network(work.step.network);
  for (auto& effect : work.step.effects) gateway_.send(effect.session, std::move(effect.frame));
  for (auto& promised : work.promised) promised.done.set_value(promised.position);
  committed_generation_.store(work.step.generation, std::memory_order_release);
}

void Engine::publish_figures() {
  const std::lock_guard lock(figures_mutex_);
  figures_.machine = machine_.figures();
  figures_.leases = machine_.dispatcher().leases();
  figures_.disk_full = machine_.disk_low();
}

EngineFigures Engine::figures() const {
  const std::lock_guard lock(figures_mutex_);
  auto figures = figures_;
  figures.inputs_waiting = inputs_.size();
  figures.disk_full = figures.disk_full || disk_full_.load();
  figures.durable = store_.durable().position;
  return figures;
}

}  // namespace relais::engine
