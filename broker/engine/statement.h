// The services rendered under one agreement: what its parties settle by.
#pragma once

#include <string>
#include <vector>

#include "broker/engine/period.h"

namespace relais::engine {

struct StatementLine {
  base::Instant at{};  // when it was completed
  std::string referral_id;
  std::string from;    // who answers for having asked
  std::string acting;  // who asked in its name; empty: itself
  std::string to;
  std::string purpose;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
};

struct Statement {
  std::string agreement;
  std::string name;
  std::string legal_basis;
  std::int64_t unit_price_cents = 0;
  std::vector<StatementLine> lines;

  [[nodiscard]] std::int64_t total_cents() const { return unit_price_cents * static_cast<std::int64_t>(lines.size()); }
};

/// The referrals under this agreement that were completed in the period, exercises left out. Reads the store on the
/// asker's thread; any thread. not.found, journal.damaged.
base::Result<Statement> statement(const journal::Store& store, const std::string& agreement, const Period& period);

}  // namespace relais::engine
