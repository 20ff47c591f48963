// All exchanges of one adapter process, between the SDK and the server for webhooks.
#pragma once

#include <memory>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/caretaker.h"
#include "adapters/http/web_server.h"
#include "adapters/rdvsp/exchange.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::rdvsp {

/// Threads: those of sdk::Connector, the server's, one walk for each exchange, and the caretaker's. `config` and
/// `clock` outlive it.
class RdvspConnector final : public sdk::Connector {
 public:
  RdvspConnector(const Config& config, const base::Clock& clock) : config_(config), clock_(clock) {}
  ~RdvspConnector() override { stop(); }

  base::Status start(sdk::Adapter& adapter) override;
  void stop() override;

  sdk::Verdict on_message(const sdk::Incoming& message) override;
  void on_receipt(const base::MessageId&, std::uint64_t) override {}
  void on_refused(const base::MessageId&, const v1::Refused&) override {}

 private:
  const Config& config_;
  const base::Clock& clock_;
  std::unique_ptr<files::Post> post_;
  std::unique_ptr<http::Questions> questions_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<http::WebServer> server_;
  http::Caretaker caretaker_;
};

}  // namespace relais::rdvsp
