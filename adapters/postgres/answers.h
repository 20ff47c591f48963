// What the adapter must remember between handing a row to the SDK and writing its end into the row. It is kept in the
// SDK's own store, so that neither a crash nor an absent database loses an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sdk/adapter.h"
#include "adapters/sdk/local_store.h"
#include "broker/base/ids.h"

#include "relais/v1/envelope.pb.h"
#include "relais/v1/refusal.pb.h"

namespace relais::postgres {

/// One message of a row, with its end.
struct Answer {
  std::string message_id;  // 16 bytes
  v1::Envelope envelope;   // as it was handed over
  std::uint64_t position = 0;
  std::optional<v1::Refused> refused;
};

struct AnsweredRow {
  std::string message_id;        // of its first message: the row's own
  std::vector<Answer> messages;  // all of them, in order
};

/// Threads: keep_*() on the SDK's, the rest on the outbox's. Life: `adapter` outlives it.
class Answers {
 public:
  explicit Answers(sdk::Adapter& adapter) : adapter_(adapter), store_(adapter.store()) {}

  /// Notes to be written with the submission of a row's messages.
  [[nodiscard]] static sdk::Notes sent(const std::vector<v1::Envelope>& messages);

  /// Whether this row was handed over and not forgotten.
  [[nodiscard]] bool has(std::string_view row_message_id) const;

  /// False when the message is of no row: the SDK's own, or forgotten.
  bool keep_receipt(const base::MessageId& message, std::uint64_t position);
  bool keep_refusal(const base::MessageId& message, const v1::Refused& refusal);

  /// Rows whose messages have all been answered, at most `most`; those in `without` are passed over. A message that
  /// named a need and a commune has its recipient now, as the SDK knows it of its referral.
  [[nodiscard]] std::vector<AnsweredRow> complete(std::size_t most,
                                                  const std::set<std::string, std::less<>>& without) const;

  base::Status forget(const AnsweredRow& row);

 private:
  void name_recipient(Answer& answer) const;

  const sdk::Adapter& adapter_;
  sdk::LocalStore& store_;
};

}  // namespace relais::postgres
