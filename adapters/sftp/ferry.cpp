#include "adapters/sftp/ferry.h"

#include <algorithm>

#include "broker/base/log.h"

namespace relais::sftp {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kRestBetweenRounds{50};  // bounds the work that a busy folder makes
constexpr milliseconds kAgainWithoutFolders{500};
constexpr milliseconds kAgainAfterFault{1'000};

}  // namespace

Ferry::Ferry(sdk::LocalStore& store, const files::ExchangeConfig& exchange, const Route& route,
             std::unique_ptr<Remote> remote, const base::Clock& clock)
    : exchange_(exchange),
      route_(route),
      clock_(clock),
      remote_(std::move(remote)),
      sender_(store, exchange, route, *remote_),
      fetcher_(store, exchange, route, *remote_),
      pause_(route.reconnect_first),
      fault_pause_(std::min(kAgainAfterFault, route.look_every)),
      random_(std::random_device{}()) {}

Ferry::~Ferry() { stop(); }

void Ferry::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Ferry::stop() {
  stopping_ = true;
  remote_->interrupt();
  watch_.wake();
  if (thread_.joinable()) thread_.join();
}

void Ferry::run() {
  while (!stopping_) {
    const auto idle = round();
    if (stopping_) return;
    if (idle > kRestBetweenRounds) watch_.wait(idle);
    if (!stopping_) std::this_thread::sleep_for(kRestBetweenRounds);
  }
}

milliseconds Ferry::round() {
  // The exchange makes them, and tells what is wrong with them.
  if (!files::look_at_folders(exchange_.folders, exchange_.institution).why.empty()) return kAgainWithoutFolders;
  const auto left = std::chrono::ceil<milliseconds>(not_before_ - steady_clock::now());
  if (left.count() > 0) return left;
  const bool kept = remote_->connected();
  if (const auto connected = remote_->connect(); !connected) {
    if (stopping_) return kAgainAfterFault;
    tell({{"server", files::why(connected.refusal())}});
    return pause_after_failure();
  }
  watch_.watch_arrivals(exchange_.folders.out);
  watch_.watch_arrivals(exchange_.folders.rejects);

  // In turn, so that on a line that breaks again and again neither way waits for the other to be done.
  fetch_first_ = !fetch_first_;
  bool more = fetch_first_ && fetch();
  if (remote_->connected() && send()) more = true;
  if (remote_->connected() && !fetch_first_ && fetch()) more = true;
  if (!remote_->connected()) {
    if (stopping_) return kAgainAfterFault;
    // Servers end connections that were idle for long: a new one says whether anything is wrong.
    if (kept) {
      base::log_info("connection ended, another is made", {{"institution", exchange_.institution}});
      next_look_ = {};
      next_send_ = {};
      return milliseconds(0);
    }
    tell({{"server", std::string(kConnectionLost)}});
    return pause_after_failure();
  }
  pause_ = route_.reconnect_first;
  auto faults = of_sender_;
  faults.insert(of_fetcher_.begin(), of_fetcher_.end());
  // They may go away by themselves: soon, or after hours in which nobody wants to be asked each second.
  fault_pause_ = std::min(faults.empty() ? kAgainAfterFault : fault_pause_ + kAgainAfterFault, route_.look_every);
  tell(std::move(faults));
  if (more) return milliseconds(0);
  const auto next = of_sender_.empty() ? next_look_ : std::min(next_look_, next_send_);
  return std::max(std::chrono::ceil<milliseconds>(next - steady_clock::now()), milliseconds(0));
}

bool Ferry::send() {
  if (steady_clock::now() < next_send_) return false;
  of_sender_.clear();
  const bool more = sender_.work(of_sender_);
  if (!of_sender_.empty()) next_send_ = steady_clock::now() + fault_pause_;
  return more;
}

bool Ferry::fetch() {
  if (steady_clock::now() < next_look_) return false;
  of_fetcher_.clear();
  const auto looked = fetcher_.work(clock_.now(), of_fetcher_);
  next_look_ = steady_clock::now() + route_.look_every;
  if (looked.look_again) next_look_ = std::min(next_look_, *looked.look_again);
  if (looked.more) next_look_ = {};
  if (!of_fetcher_.empty()) next_look_ = steady_clock::now() + fault_pause_;
  return looked.more;
}

milliseconds Ferry::pause_after_failure() {
  const auto half = pause_ / 2;
  const auto wait = half + milliseconds(std::uniform_int_distribution<milliseconds::rep>(0, half.count() * 2)(random_));
  pause_ = std::min(pause_ * 2, route_.reconnect_most);
  not_before_ = steady_clock::now() + wait;
  // Whatever was said when the line broke may have been done: look at once.
  next_look_ = {};
  next_send_ = {};
  return wait;
}

/// Each fault once, and once that there is none any more.
void Ferry::tell(Faults faults) {
  for (const auto& fault : faults)
    if (!known_.contains(fault))
      base::log_error("transfer is held up",
                      {{"institution", exchange_.institution}, {"place", fault.place}, {"why", fault.why}});
  if (faults.empty() && !known_.empty()) base::log_info("transfer goes on", {{"institution", exchange_.institution}});
  known_ = std::move(faults);
  const auto& counts = fetcher_.counts();
  if (counts.strange != told_counts_.strange && counts.strange > 0)
    base::log_warning("things that are no files are left on the server",
                      {{"institution", exchange_.institution}, {"count", counts.strange}});
  if (!counts.listed_whole && told_counts_.listed_whole)
    base::log_warning("the folder on the server holds more than one look takes in",
                      {{"institution", exchange_.institution}});
  told_counts_ = counts;
  const std::lock_guard lock(health_mutex_);
  health_ = {remote_->connected(), known_, sender_.brought(), counts};
}

FerryHealth Ferry::health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

}  // namespace relais::sftp
