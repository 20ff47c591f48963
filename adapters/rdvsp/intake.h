// A message of Relais in RDV Service Public: a referral becomes a person there, and an invitation to make an
// appointment; of everything else it can do nothing, which its sender or the institution's people are told.
#pragma once

#include <string>
#include <vector>

#include "adapters/http/problem_book.h"
#include "adapters/mapping/loss_log.h"
#include "adapters/rdvsp/api.h"
#include "adapters/rdvsp/desk.h"
#include "adapters/rdvsp/exchange_config.h"
#include "adapters/sdk/handler.h"
#include "broker/base/clock.h"

namespace relais::rdvsp {

/// Threads: the SDK's handler thread. Everything given outlives it.
class Intake {
 public:
  Intake(files::Post& post, Desk& desk, Ledger& ledger, http::ProblemBook& problems, Api& api,
         const ExchangeConfig& config, const base::Clock& clock);

  sdk::Verdict take(const sdk::Incoming& message);

 private:
  sdk::Verdict take_referral(const sdk::Incoming& message, const std::string& referral_id, const std::string& guest);
  sdk::Verdict end_referral(const sdk::Incoming& message);
  sdk::Verdict show(const sdk::Incoming& message);
  sdk::Verdict refuse(const sdk::Incoming& message, std::string code, const std::string& detail, std::string reason);
  std::variant<std::string, sdk::Verdict> person_of(const sdk::Incoming& message);
  std::variant<std::string, sdk::Verdict> create(const sdk::Incoming& message, Json person);
  std::optional<sdk::Verdict> invite(const sdk::Incoming& message, const Followed& followed,
                                     std::vector<sdk::Draft>& replies);
  sdk::Verdict later(const sdk::Incoming& message, const ApiFault& fault) const;

  files::Post& post_;
  Desk& desk_;
  Ledger& ledger_;
  http::ProblemBook& problems_;
  Api& api_;
  const ExchangeConfig& config_;
  const base::Clock& clock_;
  mapping::LossLog losses_;
};

}  // namespace relais::rdvsp
