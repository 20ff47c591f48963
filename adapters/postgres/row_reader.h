// A row of the outbox to the messages it stands for.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/mapping/loss_log.h"
#include "adapters/mapping/mapping.h"
#include "adapters/postgres/book.h"
#include "adapters/postgres/table_settings.h"

namespace relais::postgres {

/// Without message id, time of sending and key: the SDK adds them.
using Message = mapping::MappedMessage;

/// What a row stands for: messages (none: the mapping says that there is nothing to send), or why it is refused.
using Reading = std::variant<std::vector<Message>, v1::Refused>;

class RowReader {
 public:
  /// `mapping` may be empty where the table is relais.outbox. `keeps_book`: the schema relais is there. `losses`
  /// outlives the reader: it hears of the software's columns that the mapping does not carry.
  RowReader(OutboxSettings settings, std::optional<mapping::Mapping> mapping, bool keeps_book,
            mapping::LossLog& losses);

  /// The row's own words, without looking anything up. config.invalid when the mapping and the table do not fit each
  /// other: that is no row's fault.
  [[nodiscard]] base::Result<Reading> read(const mapping::SqlRow& row) const;

  /// Fills what the row did not say: from its columns, the book, the settings, and for new referrals and appointments
  /// with ids that follow from `message_id`, so that a second attempt says the same. Writes new ones into the book.
  /// input.invalid, not.found: the row is at fault. sql_refusal() otherwise.
  base::Status complete(Message& message, const mapping::SqlRow& row, std::string_view message_id,
                        Connection& connection) const;

 private:
  [[nodiscard]] base::Result<Reading> read_mapped(const mapping::SqlRow& row) const;
  [[nodiscard]] base::Result<Reading> read_plain(const mapping::SqlRow& row) const;
  base::Status complete_from_settings(v1::Envelope& envelope) const;
  base::Status complete_from_book(Message& message, Book& book) const;
  base::Status complete_appointment(Message& message, std::string_view message_id, Book& book) const;

  OutboxSettings settings_;
  std::optional<mapping::Mapping> mapping_;
  bool keeps_book_;
  mapping::LossLog& losses_;
};

/// 16 bytes that follow from `message_id` and are as unlikely to meet again; `what` keeps them apart.
std::string derived_id(std::string_view what, std::string_view message_id);

}  // namespace relais::postgres
