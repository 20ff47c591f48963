// Health over HTTP, on the loopback interface only.
//
//   GET /health   200 while the process works, with all figures as JSON; 503 when the disk refuses writes
//   GET /ready    200 when messages can flow, else 503; the same JSON
//   GET /metrics  Prometheus text
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/sdk/health.h"
#include "broker/base/result.h"

namespace relais::sdk {

/// Threads: start() and stop() from one; `health` is called on threads of the server.
/// Life: start() and stop() are idempotent.
class HealthServer {
 public:
  HealthServer(int port, std::string adapter, std::function<Health()> health);
  ~HealthServer();
  HealthServer(const HealthServer&) = delete;
  HealthServer& operator=(const HealthServer&) = delete;

  /// io.failed when the port is taken.
  base::Status start();
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace relais::sdk
