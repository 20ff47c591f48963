// The HTTP server on the institution's side.
//
//   GET /openapi.json  what is under /v1
//   /v1/hooks/NAME     another system's webhook, told by its signature
//   /v1/...            JSON; needs "Authorization: Bearer TOKEN"; the token says which institution speaks
//
// What can not be done is answered by a problem document (RFC 9457, application/problem+json).
#pragma once

#include <string>
#include <vector>

#include "adapters/http/exchange.h"
#include "adapters/http/web_server.h"
#include "broker/base/result.h"

namespace relais::http {

/// Life: start() and stop() are idempotent; `exchanges` outlive it.
class Gateway {
 public:
  Gateway(const GatewayConfig& config, const std::vector<Exchange*>& exchanges);

  /// io.failed when the address can not be bound or the certificate not be used.
  base::Status start() { return server_.start(); }
  void stop() { server_.stop(); }

  /// "GET /v1/status" for each route, as openapi.json describes them.
  [[nodiscard]] std::vector<std::string> paths() const { return server_.paths(); }

 private:
  WebServer server_;
};

}  // namespace relais::http
