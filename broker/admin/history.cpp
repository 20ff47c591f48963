#include "broker/admin/history.h"

#include <algorithm>

#include "broker/admin/json.h"

namespace relais::admin {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kSampleEvery{10};
constexpr std::size_t kSamplesMost = 360;  // one hour
constexpr std::size_t kSamplesOfRates = 6;
constexpr int kCensusEverySamples = 2;
constexpr engine::WalkLimits kCensusLimits{500'000, std::chrono::milliseconds{2'000}};

InstitutionSample total(const Sample& sample, std::string_view institution) {
  InstitutionSample sum;
  for (const auto& one : sample.institutions) {
    if (!institution.empty() && one.institution != institution) continue;
    sum.sent += one.sent;
    sum.delivered += one.delivered;
    sum.waiting += one.waiting;
    if (one.oldest_ms != 0 && (sum.oldest_ms == 0 || one.oldest_ms < sum.oldest_ms)) sum.oldest_ms = one.oldest_ms;
  }
  return sum;
}

/// An institution that left the network takes its counts along.
std::uint64_t growth(std::uint64_t from, std::uint64_t to) { return to > from ? to - from : 0; }

}  // namespace

void History::start() {
  if (thread_.joinable()) return;
  quit_ = false;
  thread_ = std::thread([this] { run(); });
}

void History::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void History::run() {
  for (int turn = 0;; ++turn) {
    take_sample();
    if (turn % kCensusEverySamples == 0) take_census();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, kSampleEvery, [this] { return quit_; })) return;
  }
}

void History::look() {
  take_sample();
  take_census();
}

void History::take_sample() {
  Sample sample{sources_.clock.now(), {}};
  for (const auto& report : engine::Reports(sources_.store).queues()) {
    const auto& counts = report.counts.real();
    sample.institutions.push_back({report.institution, counts.sent(), counts.delivered(),
                                   counts.queued() + counts.parked(), report.oldest ? base::to_ms(*report.oldest) : 0});
  }
  const std::lock_guard lock(mutex_);
  samples_.push_back(std::move(sample));
  if (samples_.size() > kSamplesMost) samples_.pop_front();
}

void History::take_census() {
  const auto now = sources_.clock.now();
  Census census{now, engine::OpenReferrals(sources_.store).tally(now, kCensusLimits)};
  const std::lock_guard lock(mutex_);
  census_ = std::move(census);
}

json History::series(std::string_view institution) const {
  json at = json::array(), accepted = json::array(), delivered = json::array(), waiting = json::array(),
       oldest = json::array();
  const std::lock_guard lock(mutex_);
  std::optional<InstitutionSample> before;
  for (const auto& sample : samples_) {
    const auto now = total(sample, institution);
    if (before) {
      at.push_back(iso_time(sample.at));
      accepted.push_back(growth(before->sent, now.sent));
      delivered.push_back(growth(before->delivered, now.delivered));
      waiting.push_back(now.waiting);
      oldest.push_back(now.oldest_ms == 0 ? 0
                                          : std::max<std::int64_t>(0, base::to_ms(sample.at) - now.oldest_ms) / 1000);
    }
    before = now;
  }
  return {
      {"at", at}, {"accepted", accepted}, {"delivered", delivered}, {"waiting", waiting}, {"oldest_seconds", oldest}};
}

json History::rates() const {
  const std::lock_guard lock(mutex_);
  if (samples_.size() < 2) return nullptr;
  const auto& last = samples_.back();
  const auto& first = samples_[samples_.size() - std::min(samples_.size(), kSamplesOfRates + 1)];
  const auto minutes = std::chrono::duration<double, std::ratio<60>>(last.at - first.at).count();
  if (minutes <= 0) return nullptr;
  const auto from = total(first, {}), to = total(last, {});
  return {{"accepted_per_minute", static_cast<double>(growth(from.sent, to.sent)) / minutes},
          {"delivered_per_minute", static_cast<double>(growth(from.delivered, to.delivered)) / minutes}};
}

std::optional<Census> History::census() const {
  const std::lock_guard lock(mutex_);
  return census_;
}

}  // namespace relais::admin
