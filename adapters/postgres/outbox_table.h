// The outbox as SQL: taking rows, keeping those of one referral in order, writing back what became of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/row.h"
#include "adapters/postgres/table_settings.h"

#include "relais/v1/refusal.pb.h"

namespace relais::postgres {

/// Ids that a row has once it is taken; empty ones are left as they are.
struct RowIds {
  std::string message_id;
  std::string referral_id;
  std::string case_id;
  std::string appointment_id;
};

/// States that the adapter writes; "pending" or NULL is the software's.
///
/// Several adapters share one outbox: each has a number of its own, which an advisory lock of its session announces to
/// the others. A row that was taken by a number which nobody announces any more may be taken by another.
///
/// All functions but become() run inside the caller's transaction. Errors are sql_refusal()s.
class OutboxTable {
 public:
  explicit OutboxTable(OutboxSettings settings);

  /// Listens, and announces `owner` for the life of this session. False: a former session of ours still holds the
  /// announcement; try again later.
  base::Result<bool> become(std::int32_t owner, Connection& connection) const;

  /// Owners of taken rows that nobody announces.
  base::Result<std::vector<std::int32_t>> silent_owners(Connection& connection) const;

  /// Rows that may go now, locked until the end of the transaction: pending ones and those taken by `silent`, in the
  /// order of the key, each only when no earlier row of its referral is open. Without those whose key is in `skipped`.
  base::Result<std::vector<mapping::SqlRow>> candidates(std::span<const std::int32_t> silent,
                                                        std::span<const std::string> skipped, int most,
                                                        Connection& connection) const;

  /// Rows that `owner` has taken and that are not settled.
  base::Result<std::vector<mapping::SqlRow>> taken_by(std::int32_t owner, Connection& connection) const;

  [[nodiscard]] std::string_view key_of(const mapping::SqlRow& row) const;
  /// 16 bytes; empty before the row was taken.
  [[nodiscard]] std::string message_id_of(const mapping::SqlRow& row) const;

  // For the next three the row must still be as it was read: open, with the same owner and message id. When another
  // adapter took it over or settled it meanwhile, nothing is changed: SqlFault::again.
  base::Status take(const mapping::SqlRow& row, std::int32_t owner, const RowIds& ids, Connection& connection) const;
  /// A row that can not become a message.
  base::Status refuse(const mapping::SqlRow& row, const v1::Refused& refusal, Connection& connection) const;
  /// A row that stands for nothing to be sent.
  base::Status skip(const mapping::SqlRow& row, Connection& connection) const;

  /// By the row's message id; a row that is settled already stays as it is.
  base::Status mark_submitted(std::span<const std::string> message_ids, Connection& connection) const;
  base::Status settle_accepted(std::string_view message_id, std::uint64_t position, Connection& connection) const;
  base::Status settle_refused(std::string_view message_id, const v1::Refused& refusal, Connection& connection) const;
  /// `code` of the catalogue, whose sentences are written with it.
  base::Status settle_dead(std::string_view message_id, std::string_view code, Connection& connection) const;

  /// Every fault of the tables' columns: missing ones, and those of another type than needed.
  base::Result<std::vector<std::string>> faults(Connection& connection) const;

  [[nodiscard]] const OutboxSettings& settings() const { return settings_; }

 private:
  [[nodiscard]] std::string is_open(std::string_view alias) const;
  [[nodiscard]] std::string in_order() const;
  [[nodiscard]] std::string by_message(std::string_view states) const;
  std::string as_read(const mapping::SqlRow& row, std::vector<Parameter>& values) const;
  base::Result<std::size_t> settle(const std::string& which, std::vector<Parameter> values, std::string_view state,
                                   std::uint64_t position, const v1::Refused& refusal, Connection& connection) const;

  OutboxSettings settings_;
  std::string table_;
};

}  // namespace relais::postgres
