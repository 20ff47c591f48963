// The HTTP server on the institution's side.
//
//   GET /openapi.json  what is under /v1
//   /v1/hooks/NAME     another system's webhook, told by its signature
//   /v1/...            JSON; needs "Authorization: Bearer TOKEN"; the token says which institution speaks
//
// What can not be done is answered by a problem document (RFC 9457, application/problem+json).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/http/exchange.h"
#include "broker/base/result.h"

namespace relais::http {

/// Requests are served on a pool of threads of its own. Life: start() and stop() are idempotent; `exchanges` outlive
/// it.
class Gateway {
 public:
  Gateway(GatewayConfig config, std::vector<Exchange*> exchanges);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// io.failed when the address can not be bound or the certificate not be used.
  base::Status start();
  void stop();

  /// "GET /v1/status" for each route, as openapi.json describes them.
  [[nodiscard]] std::vector<std::string> paths() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace relais::http
