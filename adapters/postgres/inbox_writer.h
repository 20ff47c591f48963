// A message of another institution into the institution's tables: once, and all or nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/mapping/loss_log.h"
#include "adapters/mapping/mapping.h"
#include "adapters/postgres/book.h"
#include "adapters/postgres/outbox_table.h"
#include "adapters/postgres/table_settings.h"
#include "adapters/sdk/handler.h"

namespace relais::postgres {

/// What became of a message.
enum class Stored {
  now,          // its row is there
  before,       // it was stored before: nothing happened
  not_mapped,   // the mapping has no record for this kind: only what is known of the referral changed
  not_carried,  // the same for a request, which the software can thus not take on: nothing was written
};

/// Writes the rows of one message, what it changes in the book, and its id in one transaction.
class InboxWriter {
 public:
  struct Options {
    InboxSettings settings;
    std::optional<mapping::Mapping> mapping;  // may be empty where the table is relais.inbox
    bool keeps_book = true;                   // the schema relais is there
    bool automatic_receipts = true;           // the SDK says that we received it
    std::set<std::string> institutions;       // that this adapter serves
  };

  /// Both outlive the writer: `outbox` learns of messages that died, `losses` of what the mapping does not carry.
  InboxWriter(Options options, const OutboxTable& outbox, mapping::LossLog& losses);

  /// Serialization failures and deadlocks were tried several times. input.invalid when the mapping can not write the
  /// message (facts name columns and rules, never a value); sql_refusal() otherwise. Nothing was written then.
  base::Result<Stored> store(const sdk::Incoming& message, Connection& connection) const;

  /// Every fault of the tables' keys.
  base::Result<std::vector<std::string>> faults(Connection& connection) const;

 private:
  base::Result<Stored> store_once(const sdk::Incoming& message, Connection& connection) const;
  base::Result<Stored> write(const sdk::Incoming& message, Connection& connection,
                             std::vector<mapping::LostField>& lost) const;
  base::Result<bool> is_new(const sdk::Incoming& message, Connection& connection) const;
  base::Status write_standard(const sdk::Incoming& message, const std::optional<mapping::SqlRow>& mapped,
                              const std::string& local_reference, Connection& connection) const;
  base::Result<Stored> write_mapped(const sdk::Incoming& message, const mapping::WriteResult& mapped,
                                    Connection& connection) const;
  base::Result<std::optional<mapping::WriteResult>> map(const sdk::Incoming& message,
                                                        const mapping::LocalReferences& local) const;
  base::Result<mapping::LocalReferences> names(const sdk::Incoming& message, Connection& connection) const;
  [[nodiscard]] std::string key_of(const sdk::Incoming& message) const;
  [[nodiscard]] InboxTable table_for(const std::string& record) const;

  Options options_;
  const OutboxTable& outbox_;
  mapping::LossLog& losses_;
};

}  // namespace relais::postgres
