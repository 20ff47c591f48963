#include "adapters/rdvsp/walk.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "adapters/http/pace.h"
#include "adapters/rdvsp/notice.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::rdvsp {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryFirst{5'000};
constexpr int kPagesMost = 10'000;  // a list that never ends is no list

std::string day_of(base::Instant at) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(base::to_ms(at) / 1'000)));
}

std::uint32_t random_number() { return static_cast<unsigned char>(base::random_bytes(1).front()) * 4U; }

}  // namespace

Walk::Walk(Api& api, Desk& desk, Ledger& ledger, http::ProblemBook& problems, files::Post& post,
           const ExchangeConfig& config, const base::Clock& clock)
    : api_(api), desk_(desk), ledger_(ledger), problems_(problems), post_(post), config_(config), clock_(clock) {}

void Walk::start() {
  if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Walk::stop() {
  thread_.request_stop();
  api_.stop();
  if (thread_.joinable()) thread_.join();
}

void Walk::again() {
  const std::lock_guard lock(mutex_);
  again_ = true;
  wake_.notify_all();
}

WalkHealth Walk::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

void Walk::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto pause = walk_once(stop);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, pause, [this] { return again_; });
    again_ = false;
  }
}

milliseconds Walk::walk_once(const std::stop_token& stop) {
  WalkHealth walked;
  std::optional<ApiFault> fault;
  for (const auto& organisation : config_.organisations) {
    fault = walk_organisation(organisation, stop, walked);
    if (fault) break;
  }
  const std::lock_guard lock(mutex_);
  if (!fault) {
    health_ = {health_.walks + 1, clock_.now(), walked.rdvs, walked.messages, 0, {}};
    base::log_info("walk complete",
                   {{"institution", config_.institution}, {"rdvs", walked.rdvs}, {"messages", walked.messages}});
    return config_.walk_every;
  }
  ++health_.failures;
  health_.last_failure = fault->reason;
  if (!stop.stop_requested())
    base::log_warning(
        "walk not complete",
        {{"institution", config_.institution}, {"reason", fault->reason}, {"failures", health_.failures}});
  return std::max(fault->pause, http::pause_after(health_.failures, kRetryFirst, random_number()));
}

std::optional<ApiFault> Walk::walk_organisation(const std::string& organisation, const std::stop_token& stop,
                                                WalkHealth& walked) {
  const auto after = day_of(clock_.now() - config_.look_back);
  std::set<std::string> seen;
  for (int page = 1; page != 0;) {
    if (stop.stop_requested()) return ApiFault{"walk.stopped", true, milliseconds(0), {}};
    auto said = api_.rdvs(organisation, after, page);
    if (auto* const fault = std::get_if<ApiFault>(&said)) return std::move(*fault);
    auto& read = std::get<RdvPage>(said);
    for (auto& rdv : read.rdvs)
      if (auto fault = take(rdv, read.at_ms, seen, walked)) return fault;
    walked.rdvs += read.rdvs.size();
    // Forwards only, so that a list that answers nonsense ends.
    if (read.next != 0 && (read.next <= page || read.next > kPagesMost))
      return ApiFault{"software.answer_content", true, milliseconds(0), {}};
    page = read.next;
  }
  look_for_gone(organisation, seen);
  return std::nullopt;
}

std::optional<ApiFault> Walk::take(mapping::JsonValue& rdv, std::int64_t at_ms, std::set<std::string>& seen,
                                   WalkHealth& walked) {
  const auto id = text_at(rdv, "/id");
  seen.insert(id);
  Event event{"Rdv", Happening::updated, {}, at_ms, std::move(rdv)};
  auto taken = desk_.take(event, {}, clock_.now());
  if (const auto* const done = std::get_if<Taken>(&taken)) {
    walked.messages += done->messages;
    return std::nullopt;
  }
  const auto& wrong = std::get<http::Problem>(taken);
  // Not its fault: the outbox is full, the network not known yet.
  if (wrong.retry_after.count() != 0) return ApiFault{wrong.code, true, wrong.retry_after, {}};
  // One that can not be read stops no other.
  const auto& part = wrong.parts.empty() ? http::ProblemPart{} : wrong.parts.front();
  const auto code = part.code.empty() ? wrong.code : part.code;
  base::log_warning("appointment not taken", {{"institution", config_.institution}, {"rdv", id}, {"code", code}});
  const auto reference = "rdv/" + id;
  (void)post_.store().write({problems_.note(notice("rdv.unreadable", reference, clock_.now(), reference, {},
                                                   part.field.empty() ? code : part.field + " " + code))});
  return std::nullopt;
}

void Walk::look_for_gone(const std::string& organisation, const std::set<std::string>& seen) const {
  const auto now = clock_.now();
  sdk::Notes notes;
  ledger_.each_rdv([&](const KnownRdv& rdv) {
    if (rdv.organisation != organisation || rdv.last == Happening::destroyed) return;
    if (seen.contains(rdv.id)) return;
    const auto waits = std::ranges::any_of(rdv.parts, [&](const Part& part) {
      return part.stage == Stage::booked && part.meeting.start_ms() > base::to_ms(now);
    });
    const auto reference = "rdv/" + rdv.id;
    if (waits) notes.push_back(problems_.note(notice("rdv.gone", reference, now, reference)));
  });
  if (!notes.empty()) (void)post_.store().write(notes);
}

}  // namespace relais::rdvsp
