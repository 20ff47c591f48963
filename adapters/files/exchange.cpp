#include "adapters/files/exchange.h"

#include <algorithm>

#include "broker/base/log.h"

namespace relais::files {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kNetwork = "network";
constexpr milliseconds kRestBetweenRounds{20};  // bounds the work that a busy folder makes
constexpr milliseconds kAgainAfterFault{1'000};
constexpr milliseconds kAgainWhileChanging{500};
constexpr milliseconds kNoteOnItsWay{2'000};
constexpr milliseconds kAgainForNote{50};

}  // namespace

Exchange::Exchange(Post& post, const ExchangeConfig& config, const base::Clock& clock)
    : post_(post),
      config_(config),
      clock_(clock),
      placer_(post.store(), config.folders, config.institution),
      intake_(post, config, placer_),
      outgo_(post, config, placer_),
      notices_(post, config, placer_),
      judge_(config.arrival) {
  state_.institution = config.institution;
  health_ = state_;
}

Exchange::~Exchange() { stop(); }

void Exchange::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Exchange::stop() {
  stopping_ = true;
  watch_.wake();
  if (thread_.joinable()) thread_.join();
}

sdk::Verdict Exchange::take(const sdk::Incoming& message) {
  auto verdict = outgo_.take(message, clock_.now());
  // The note that it is ready is written after this returns, so the round that this wakes may come too early for it.
  last_take_ = steady_clock::now().time_since_epoch().count();
  watch_.wake();
  return verdict;
}

void Exchange::run() {
  while (!stopping_) {
    const auto idle = round();
    if (stopping_) return;
    if (idle > kRestBetweenRounds) watch_.wait(idle);
    if (!stopping_) std::this_thread::sleep_for(kRestBetweenRounds);
  }
}

milliseconds Exchange::round() {
  const auto now = clock_.now();
  if (const auto fault = usable_folders(); !fault.why.empty()) {
    tell_fault(fault.folder, fault.why);
    return std::min(config_.poll, kAgainAfterFault);
  }
  if (!begun_) first_round();
  watch_.watch_arrivals(config_.folders.in);
  watch_.watch_departures(config_.folders.out);
  state_.fault.clear();
  state_.fault_place.clear();
  next_look_ = steady_clock::now() + config_.poll;
  const auto written = outgoing(now);
  const bool read_one = incoming(now);
  if (!written) tell_fault("out", why(written.refusal()));
  publish();
  if (read_one) return milliseconds(0);
  auto idle = std::chrono::duration_cast<milliseconds>(next_look_ - steady_clock::now());
  const SteadyTime taken{steady_clock::duration(last_take_.load())};
  if (steady_clock::now() - taken < kNoteOnItsWay) idle = std::min(idle, kAgainForNote);
  if (const auto due = outgo_.next_due(); due != base::Instant::max()) idle = std::min(idle, due - clock_.now());
  return std::max(idle, milliseconds(0));
}

FolderFault Exchange::usable_folders() {
  const auto fault = look_at_folders(config_.folders, config_.institution);
  const auto key = "prepared/" + config_.institution;
  // Folders that were there once are never made anew: they are on a file system that is away.
  if (fault.why.empty() || post_.store().get(key)) return fault;
  const auto prepared = prepare_folders(config_.folders, config_.institution);
  if (!prepared) return {prepared.refusal().field, why(prepared.refusal())};
  if (!post_.store().put(key, "1")) return {"store", "io.failed"};
  return {};
}

void Exchange::first_round() {
  begun_ = true;
  if (const auto finished = placer_.finish(); !finished)
    base::log_warning("files of an earlier run wait",
                      {{"institution", config_.institution}, {"why", why(finished.refusal())}});
  placer_.remove_leftovers();
  outgo_.remove_leftovers();
}

base::Status Exchange::outgoing(base::Instant now) {
  if (auto finished = placer_.finish(); !finished) return finished;
  if (auto placed = outgo_.place(now); !placed) return placed;
  if (auto told = outgo_.tell_taken(); !told) return told;
  return notices_.tell(now);
}

/// One file at most, so that what is for the software does not wait behind a pile of files.
bool Exchange::incoming(base::Instant now) {
  const auto entries = list_folder(config_.folders.in);
  if (!entries) {
    tell_fault("in", why(entries.refusal()));
    return false;
  }
  const auto arrivals = judge_.judge(*entries, steady_clock::now());
  state_.waiting = arrivals.waiting;
  state_.lone_markers = arrivals.lone_markers;
  state_.strange = arrivals.strange;
  if (arrivals.look_again) next_look_ = std::min(next_look_, *arrivals.look_again);
  for (const auto& file : arrivals.complete)
    if (const auto claimed = claim_file(config_.folders, file, claim_ids_.next(now));
        !claimed && why(claimed.refusal()) != kNotThere)
      tell_fault("in", why(claimed.refusal()));

  const auto claims = find_claims(config_.folders);
  if (!claims) {
    tell_fault("work", why(claims.refusal()));
    return false;
  }
  state_.claimed = claims->size();
  for (const auto& claim : *claims) {
    const auto wait = not_before_.find(claim.id);
    if (wait != not_before_.end() && wait->second.until > steady_clock::now()) {
      next_look_ = std::min(next_look_, wait->second.until);
      if (!wait->second.why.empty()) tell_fault(wait->second.place, wait->second.why);
      if (wait->second.place == kNetwork) break;
      continue;
    }
    const auto processed = process(claim);
    if (processed) --state_.claimed;
    if (processed || stopping_) return true;
    // What follows may speak of what this file opens: files are sent in their order.
    if (processed.refusal().code != base::RefusalCode::io_failed) break;
  }
  return false;
}

base::Status Exchange::process(const Claim& claim) {
  auto processed = intake_.process(claim);
  if (processed) {
    not_before_.erase(claim.id);
    return processed;
  }
  const auto code = why(processed.refusal());
  const bool changing = code == kChanging;
  const auto again = steady_clock::now() + (changing ? kAgainWhileChanging : kAgainAfterFault);
  const std::string place = processed.refusal().code == base::RefusalCode::io_failed ? "work" : kNetwork;
  not_before_[claim.id] = {again, place, changing ? std::string() : code};
  next_look_ = std::min(next_look_, again);
  if (!changing) tell_fault(place, code);
  return processed;
}

void Exchange::tell_fault(const std::string& place, const std::string& code) {
  {
    const std::lock_guard lock(health_mutex_);
    if (health_.fault != code || health_.fault_place != place)
      base::log_error("exchange is held up", {{"institution", config_.institution}, {"place", place}, {"why", code}});
  }
  state_.fault_place = place;
  state_.fault = code;
  publish();
}

void Exchange::publish() {
  state_.counts = intake_.counts();
  state_.last_round = clock_.now();
  const std::lock_guard lock(health_mutex_);
  if (!health_.well() && state_.well()) base::log_info("exchange goes on", {{"institution", config_.institution}});
  health_ = state_;
}

ExchangeHealth Exchange::health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

}  // namespace relais::files
