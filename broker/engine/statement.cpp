#include "broker/engine/statement.h"

#include "broker/core/acting.h"
#include "broker/engine/durable_rows.h"
#include "broker/engine/durable_tables.h"

namespace relais::engine {

base::Result<Statement> statement(const journal::Store& store, const std::string& agreement, const Period& period) {
  DurableTables tables(store);
  const core::State state(tables);
  if (state.directory() == nullptr) return base::refuse(base::RefusalCode::network_none);
  const auto* known = state.directory()->agreement(agreement);
  if (known == nullptr) return base::refuse(base::RefusalCode::not_found, "agreement", {{"what", agreement}});
  Statement made{known->id(), known->name(), known->legal_basis(), known->unit_price_cents(), {}};
  const auto read = each_record(store, period, [&](const v1::Record& record) {
    for (const auto& event : record.events()) {
      if (!event.has_referral_moved() || event.referral_moved().status() != v1::REFERRAL_STATUS_COMPLETED) continue;
      const auto& id = event.referral_moved().referral_id();
      const auto row = find_row<v1::ReferralRow>(store, core::TableId::referrals, id);
      if (!row || row->exercise() || row->agreement() != agreement) continue;
      made.lines.push_back({base::from_ms(record.at_ms()), id, core::accountable_sender(*row),
                            row->principal().empty() ? std::string() : row->sender(), row->recipient(), row->purpose(),
                            row->outcome()});
    }
  });
  if (!read) return read.refusal();
  return made;
}

}  // namespace relais::engine
