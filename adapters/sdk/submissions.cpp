#include "adapters/sdk/submissions.h"

#include <algorithm>

namespace relais::sdk {

namespace {
constexpr std::size_t kHeadsMax = 2 * Submissions::kOutMax;  // more is not worth knowing
constexpr std::size_t kEntriesMax = 262'144;                 // with those in line behind their case
constexpr std::size_t kCarefully = 16;
}  // namespace

void Submissions::session_opened() {
  lines_.all_again();
  out_.clear();
  out_bytes_ = 0;
  sent_.clear();
  out_max_ = kOutMax;
  refusals_in_a_row_ = 0;
  paused_until_ = {};
}

void Submissions::read_more() {
  const auto enough = [&] { return lines_.heads() >= kHeadsMax || entries_.size() >= kEntriesMax; };
  if (read_ >= outbox_.released() || enough()) return;
  outbox_.scan(read_, [&](Sequence sequence, v1::OutboxEntry&& entry) {
    read_ = sequence;
    lines_.add({sequence, entry.case_id()});
    entries_.emplace(sequence, std::move(entry));
    return !enough();
  });
}

bool Submissions::something_to_send(SteadyTime now) {
  if (now < paused_until_ || out_.size() >= out_max_ || out_bytes_ >= kOutBytesMax) return false;
  if (!lines_.has_ready()) read_more();
  return lines_.has_ready();
}

void Submissions::fill(v1::AdapterFrame& frame, std::uint64_t frame_bytes_max, SteadyTime now) {
  constexpr std::uint64_t kFraming = 16;
  std::uint64_t bytes = 0;
  while (frame.submits_size() < kFrameMessagesMax && bytes < kFrameBytesMax && something_to_send(now)) {
    const Sequence sequence = *lines_.next();
    const auto& entry = entries_.at(sequence);
    if (outbox_.is_unrouted(sequence)) continue;  // it keeps its place in the line until routed()
    const auto stored = outbox_.submit(sequence);
    if (!stored) {  // settled, by an answer of an earlier session
      lines_.settled(sequence);
      entries_.erase(sequence);
      continue;
    }
    if (!frame.submits().empty() && bytes + stored->size() + kFraming > frame_bytes_max) {
      lines_.again(sequence);
      return;
    }
    frame.add_submits()->ParseFromString(*stored);
    bytes += stored->size() + kFraming;
    out_bytes_ += stored->size();
    out_.insert_or_assign(entry.message_id(), Sent{sequence, stored->size(), now});
    sent_.emplace_back(now, entry.message_id());
  }
}

std::optional<Submissions::Out> Submissions::answered(std::string_view message_id) {
  const auto found = out_.find(std::string(message_id));
  if (found == out_.end()) return std::nullopt;
  Out over{found->second.sequence, {}};
  out_bytes_ -= found->second.bytes;
  out_.erase(found);
  lines_.settled(over.sequence);
  over.entry = std::move(entries_.extract(over.sequence).mapped());
  refusals_in_a_row_ = 0;
  out_max_ = std::min(kOutMax, out_max_ * 2);
  return over;
}

void Submissions::put_off(std::string_view message_id, std::chrono::milliseconds hint, SteadyTime now) {
  const auto found = out_.find(std::string(message_id));
  if (found == out_.end()) return;
  out_bytes_ -= found->second.bytes;
  lines_.again(found->second.sequence);
  out_.erase(found);
  // Those that were sent together are refused together: one pause for all.
  if (now < paused_until_) return;
  auto wait = hint;
  if (wait.count() <= 0) {
    wait = times_.refused_first;
    for (std::uint32_t i = 0; i < refusals_in_a_row_ && wait < times_.refused_most; ++i) wait *= 2;
    wait = std::min(wait, times_.refused_most);
  }
  ++refusals_in_a_row_;
  out_max_ = kCarefully;
  pause(wait, now);
}

void Submissions::routed(std::span<const Sequence> sequences) {
  for (const auto sequence : sequences) lines_.again(sequence);
}

void Submissions::pause(std::chrono::milliseconds for_how_long, SteadyTime now) {
  paused_until_ = std::max(paused_until_, now + for_how_long);
}

bool Submissions::overdue(SteadyTime now) {
  while (!sent_.empty()) {
    const auto& [at, message_id] = sent_.front();
    const auto found = out_.find(message_id);
    if (found != out_.end() && found->second.at == at) return now - at > times_.answer_within;
    sent_.pop_front();
  }
  return false;
}

}  // namespace relais::sdk
