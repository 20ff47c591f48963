#include "tests/crash/connector.h"

#include "broker/base/check.h"
#include "broker/base/ids.h"
#include "tests/crash/letters.h"

namespace relais::crash {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHandledNote = "crash/handled";
constexpr std::size_t kTogether = 16;

std::uint64_t handled_in(const sdk::LocalStore& store) {
  const auto value = store.get(kHandledNote);
  return value ? std::stoull(*value) : 0;
}

/// Now and then the software is busy, and its connector asks for patience.
bool is_busy(const sdk::Incoming& message) {
  return message.attempt == 1 && static_cast<unsigned char>(message.envelope.message_id().back()) % 50 == 0;
}

}  // namespace

CrashConnector::CrashConnector(const std::filesystem::path& ledger, Software software, Work work)
    : work_(std::move(work)),
      ledger_(ledger),
      software_(std::move(software)),
      next_case_at_(std::chrono::steady_clock::now()) {
  for (const auto& entry : ledger_.take_past()) software_.note(entry);
}

void CrashConnector::write(const std::vector<Entry>& entries) {
  ledger_.append(entries);
  for (const auto& entry : entries) software_.note(entry);
}

sdk::Verdict CrashConnector::on_message(const sdk::Incoming& message) {
  if (!is_genuine(message)) return sdk::Verdict::reject("crash.content");
  const Entry effect = effect_of(message);
  const std::lock_guard lock(mutex_);
  // Only a message that may be repeated is looked up: that "not repeated" is certain is part of what is being tested.
  const bool done_before = message.maybe_repeated && software_.was_handled(effect.message_id);
  if (!done_before) {
    if (is_busy(message)) return sdk::Verdict::retry(100ms, "software.busy");
    write({effect});
  }
  std::vector<sdk::Draft> replies;
  for (const auto& reply : software_.replies_to(effect)) {
    if (!software_.was_said(reply)) write({reply});
    replies.push_back(draft_of(reply));
  }
  const auto handled = handled_in(adapter_->store()) + 1;
  something_new_.notify_one();
  return sdk::Verdict::handled({{std::string(kHandledNote), std::to_string(handled)}}, std::move(replies));
}

void CrashConnector::on_receipt(const base::MessageId& message, std::uint64_t position) {
  Entry entry;
  entry.event = Event::receipt;
  entry.message_id = message.bytes();
  entry.number = position;
  const std::lock_guard lock(mutex_);
  write({entry});
}

void CrashConnector::on_refused(const base::MessageId& message, const v1::Refused& refusal) {
  Entry entry;
  entry.event = Event::refused;
  entry.message_id = message.bytes();
  entry.others = refusal.code();
  const std::lock_guard lock(mutex_);
  write({entry});
}

void CrashConnector::open_cases() {
  const auto now = std::chrono::steady_clock::now();
  if (!work_.opens_cases || now < next_case_at_ || software_.open() >= work_.open_max) return;
  if (std::filesystem::exists(work_.drain_file)) return;
  next_case_at_ = now + std::chrono::duration_cast<std::chrono::milliseconds>(1000ms / work_.cases_per_second);
  write(software_.next_case());
}

bool CrashConnector::hand_over() {
  std::vector<sdk::Draft> drafts;
  {
    const std::lock_guard lock(mutex_);
    open_cases();
    write(software_.next_steps());
    for (const auto& entry : software_.unsubmitted()) {
      if (drafts.size() == kTogether) break;
      drafts.push_back(draft_of(entry));
    }
  }
  if (drafts.empty()) return true;
  if (const auto submitted = adapter_->submit(drafts); !submitted) {
    base::check(base::info(submitted.refusal().code).retry, "every submission of the script is a good one");
    return false;
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < drafts.size(); ++i) software_.submitted();
  return true;
}

void CrashConnector::run(const std::atomic<bool>& stop) {
  while (!stop) {
    const bool done = hand_over();
    std::unique_lock lock(mutex_);
    if (!done || software_.unsubmitted().empty()) something_new_.wait_for(lock, 20ms);
  }
}

void CrashConnector::write_sum() {
  Entry entry;
  entry.event = Event::sum;
  entry.number = handled_in(adapter_->store());
  const std::lock_guard lock(mutex_);
  ledger_.append({entry});
}

}  // namespace relais::crash
