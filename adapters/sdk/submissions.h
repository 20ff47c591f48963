// What of the outbox is on its way to the broker, how much may be, and when to try again.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/sdk/outbox.h"
#include "adapters/sdk/outbox_lines.h"

#include "relais/v1/frames.pb.h"

namespace relais::sdk {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Threads: the session's. `outbox` outlives it.
class Submissions {
 public:
  static constexpr std::size_t kOutMax = 4'096;             // without an answer, in messages
  static constexpr std::uint64_t kOutBytesMax = 16u << 20;  // and in bytes
  static constexpr int kFrameMessagesMax = 64;              // encryption costs by frame; more gains nothing
  static constexpr std::uint64_t kFrameBytesMax = 256u << 10;

  Submissions(Outbox& outbox, SessionTimes times) : outbox_(outbox), times_(times) {}

  /// A new session: all without an answer goes out again.
  void session_opened();

  /// Adds what may go out now to `frame`; its submissions stay below `frame_bytes_max`.
  void fill(v1::AdapterFrame& frame, std::uint64_t frame_bytes_max, SteadyTime now);

  /// These have a recipient now, or were refused for want of one.
  void routed(std::span<const Sequence> sequences);

  /// Whether fill() would add something now.
  [[nodiscard]] bool something_to_send(SteadyTime now);

  struct Out {
    Sequence sequence = 0;
    v1::OutboxEntry entry;
  };
  /// The submission that this answer ends; empty when it is none of ours.
  std::optional<Out> answered(std::string_view message_id);

  /// A refusal that may be tried again: nothing goes out for `hint`, or for a pause that grows with each such refusal
  /// in a row, and then carefully.
  void put_off(std::string_view message_id, std::chrono::milliseconds hint, SteadyTime now);
  void pause(std::chrono::milliseconds for_how_long, SteadyTime now);

  /// Until when nothing goes out.
  [[nodiscard]] SteadyTime paused_until() const { return paused_until_; }

  /// Something has waited for its answer for longer than the broker can need.
  [[nodiscard]] bool overdue(SteadyTime now);
  [[nodiscard]] bool all_answered() const { return out_.empty(); }

 private:
  struct Sent {
    Sequence sequence = 0;
    std::uint64_t bytes = 0;
    SteadyTime at;
  };
  void read_more();
  Outbox& outbox_;
  const SessionTimes times_;
  OutboxLines lines_;
  Sequence read_ = 0;                                      // of the outbox, into lines_
  std::unordered_map<Sequence, v1::OutboxEntry> entries_;  // in lines_
  std::unordered_map<std::string, Sent> out_;              // message id -> sent, without an answer
  std::uint64_t out_bytes_ = 0;
  std::deque<std::pair<SteadyTime, std::string>> sent_;  // by time; answered ones are dropped when they come up
  std::size_t out_max_ = kOutMax;
  std::uint32_t refusals_in_a_row_ = 0;
  SteadyTime paused_until_{};
};

}  // namespace relais::sdk
