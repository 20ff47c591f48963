// All exchanges of one adapter process, between the SDK and the gateway.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/caretaker.h"
#include "adapters/http/exchange.h"
#include "adapters/http/gateway.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::http {

/// Threads: those of sdk::Connector, the gateway's, and the caretaker's. `config` and `clock` outlive it.
class HttpConnector final : public sdk::Connector {
 public:
  /// `vaults`: one for each exchange, in their order.
  HttpConnector(const Config& config, std::vector<Vault> vaults, const base::Clock& clock);
  ~HttpConnector() override;

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId& message, std::uint64_t position) override;
  void on_refused(const base::MessageId& message, const v1::Refused& refusal) override;

 private:
  const Config& config_;
  const std::vector<Vault> vaults_;
  const base::Clock& clock_;
  std::unique_ptr<files::Post> post_;
  std::unique_ptr<Questions> questions_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<Gateway> gateway_;
  Caretaker caretaker_;
};

/// One for each exchange: key.invalid when a sealing key can not be used.
base::Result<std::vector<Vault>> make_vaults(const Config& config, const sdk::AdapterConfig& adapter);

}  // namespace relais::http
