// All exchanges of one adapter process, between the SDK and their threads.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/files/exchange.h"
#include "adapters/files/post.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::files {

/// What the SDK's tables say about the exchanges: whose they are, and when a receipt is due. config.invalid when one is
/// of an institution that this adapter does not serve.
base::Status fit_to(const sdk::AdapterConfig& config, std::vector<ExchangeConfig>& exchanges);

/// Threads: those of sdk::Connector. `configs` and `clock` outlive it.
class FilesConnector final : public sdk::Connector {
 public:
  FilesConnector(const std::vector<ExchangeConfig>& configs, const base::Clock& clock);
  ~FilesConnector() override;

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId& message, std::uint64_t position) override;
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override;

  [[nodiscard]] std::vector<ExchangeHealth> health() const;

 private:
  [[nodiscard]] Exchange* exchange_of(std::string_view institution) const;
  void forget_sent();

  const std::vector<ExchangeConfig>& configs_;
  const base::Clock& clock_;
  std::unique_ptr<Post> post_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  sdk::Notes sent_;  // to be forgotten in one write: a sync for each receipt would cost more than the receipt
};

}  // namespace relais::files
