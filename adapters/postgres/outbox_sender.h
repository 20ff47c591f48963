// The way out: rows of the outbox to the SDK, and what became of them back into the rows.
//
// A row passes through these steps; a crash between any two of them is repaired by the next start:
//   1. One transaction takes the row and reserves its message id in it.
//   2. The SDK writes the message with that id into its durable outbox, with a note of the row. If it is there already,
//      nothing happens: a row that was taken and has no note is simply handed over again.
//   3. The answer of the broker is noted in the SDK's store as it comes.
//   4. One transaction writes the answer into the row and the book; then the notes are forgotten.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/postgres/answers.h"
#include "adapters/postgres/outbox_table.h"
#include "adapters/postgres/row_reader.h"
#include "adapters/postgres/session.h"
#include "adapters/postgres/waker.h"
#include "adapters/sdk/adapter.h"

namespace relais::postgres {

/// Threads: start() and stop() from one; on_*() from the SDK's; all the rest happens on a thread of its own.
class OutboxSender {
 public:
  struct Options {
    Session::Options session;
    std::chrono::milliseconds poll_interval{5'000};     // when no NOTIFY came
    std::chrono::milliseconds take_over_after{60'000};  // rows of an adapter that has been away for so long
    std::size_t in_flight_max = 1'000;                  // rows without an answer, before others are taken
    bool keeps_book = true;
    bool automatic_receipts = true;
  };

  /// `table` and `reader` outlive it.
  OutboxSender(Options options, const OutboxTable& table, const RowReader& reader);
  ~OutboxSender();
  OutboxSender(const OutboxSender&) = delete;
  OutboxSender& operator=(const OutboxSender&) = delete;

  /// `adapter` is open and outlives stop().
  void start(sdk::Adapter& adapter);
  /// Within the time of one statement. Idempotent. Rows that were taken stay so for the next start.
  void stop();

  void on_receipt(const base::MessageId& message, std::uint64_t position);
  void on_refused(const base::MessageId& message, const v1::Refused& refusal);

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  /// A row in hand: taken, not yet with the SDK.
  struct Taken {
    std::string message_id;
    std::vector<sdk::Draft> drafts;
  };

  void run();
  base::Status turn(Connection& connection);
  void rest(Connection* connection, bool more);
  std::int32_t own_number();

  base::Status begin_session(Connection& connection);
  base::Status watch_others(Connection& connection);
  base::Status resume(Connection& connection);
  base::Status take(Connection& connection);
  base::Status take_some(int most, Connection& connection);
  base::Result<std::optional<Taken>> prepare(const mapping::SqlRow& row, Connection& connection);
  base::Result<std::vector<Message>> messages_of(const mapping::SqlRow& row, const std::string& message_id,
                                                 Connection& connection, v1::Refused& refused);
  void pass_over(const base::Refusal& refusal);

  base::Status hand_over(Connection& connection);
  base::Result<bool> hand_over(const Taken& row, Connection& connection);

  base::Status settle(Connection& connection);
  base::Result<bool> settle_row(AnsweredRow& row, Connection& connection);
  bool look_up_reused(Answer& answer);
  base::Status write_end(const AnsweredRow& row, Connection& connection);
  base::Status clean(Connection& connection);

  Options options_;
  const OutboxTable& table_;
  const RowReader& reader_;
  Waker waker_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
  sdk::Adapter* adapter_ = nullptr;
  std::unique_ptr<Answers> answers_;

  // The thread's own.
  Session session_;
  std::uint64_t generation_ = 0;
  std::int32_t owner_ = 0;
  bool announced_ = false;
  bool more_ = false;  // the last turn found work: look again at once
  std::vector<Taken> in_hand_;
  std::set<std::string, std::less<>> in_flight_;  // message ids of rows with the SDK
  std::map<std::int32_t, Deadline> silent_since_;
  std::vector<std::int32_t> abandoned_;
  std::string present_key_;                        // of the row being taken
  std::map<std::string, Deadline> passed_over_;    // keys of rows that the database does not let us take
  std::set<std::string, std::less<>> unwritable_;  // message ids of rows that the database does not let us settle
  Deadline next_watch_{};
  Deadline next_clean_{};
};

}  // namespace relais::postgres
