// The adapter: deliveries into the inbox, rows of the outbox to the broker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/inbox_writer.h"
#include "adapters/postgres/outbox_sender.h"
#include "adapters/postgres/outbox_table.h"
#include "adapters/postgres/row_reader.h"
#include "adapters/postgres/session.h"
#include "adapters/postgres/settings.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::postgres {

/// Two connections to the database: one for the SDK's thread, which writes what comes in, one for the outbox's own.
/// While the database is away, each delivery is put off with the reason "database.unavailable", and rows wait.
class PostgresConnector final : public sdk::Connector {
 public:
  PostgresConnector(Settings settings, const sdk::AdapterConfig& config);

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId& message, std::uint64_t position) override;
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override;

  /// Every fault of the database: absent, without the schema, columns missing or of the wrong type.
  [[nodiscard]] std::vector<std::string> faults() const;

 private:
  sdk::Verdict answer(Stored stored, const sdk::Incoming& message) const;
  sdk::Verdict answer(const base::Refusal& refusal, const sdk::Incoming& message) const;

  Settings settings_;
  sdk::Adapter* adapter_ = nullptr;  // from start() on
  mapping::LossLog losses_;
  OutboxTable table_;
  RowReader reader_;
  InboxWriter writer_;
  Session inbox_session_;
  OutboxSender sender_;
};

}  // namespace relais::postgres
