// All exchanges of one adapter process, between the SDK and the server for webhooks.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/files/post.h"
#include "adapters/http/web_server.h"
#include "adapters/rdvsp/exchange.h"
#include "adapters/sdk/run_adapter.h"

namespace relais::rdvsp {

/// Threads: those of sdk::Connector, the server's, one walk for each exchange, and one that looks for refusals and
/// forgets what is old. `config` and `clock` outlive it.
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
  void care(const std::stop_token& stop);

  const Config& config_;
  const base::Clock& clock_;
  std::unique_ptr<files::Post> post_;
  std::unique_ptr<http::Questions> questions_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<http::WebServer> server_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread caring_;
};

}  // namespace relais::rdvsp
