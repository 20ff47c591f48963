#include "adapters/http/gateway.h"

#include <algorithm>

#include "adapters/http/api.h"
#include "adapters/http/openapi.h"
#include "broker/base/crypto.h"

namespace relais::http {

namespace {

constexpr int kLongPolls = 12;  // the others are for those who do not wait

Problem stranger(const Route& route) {
  return route.access == Access::hook ? problem("mapping.unknown") : problem("token.wrong", {}, "Authorization");
}

Exchange* speaker(const std::vector<Exchange*>& exchanges, const Route& route, const WebRequest& request) {
  if (route.access == Access::hook) {
    const auto found = std::ranges::find_if(exchanges, [&](const auto* exchange) {
      return std::ranges::any_of(exchange->config().hooks,
                                 [&](const auto& hook) { return hook.submit.name == request.path.at(0); });
    });
    return found == exchanges.end() ? nullptr : *found;
  }
  const auto given = request.header("Authorization");
  Exchange* speaks = nullptr;
  for (auto* const exchange : exchanges)
    for (const auto& token : exchange->config().tokens)
      if (base::equal_secrets(given, "Bearer " + token)) speaks = exchange;
  return speaks;
}

Reply serve(const std::vector<Exchange*>& exchanges, const Route& route, WebRequest& request) {
  // Whoever may not speak here is told nothing else.
  auto* const exchange = speaker(exchanges, route, request);
  if (exchange == nullptr) return stranger(route);
  if (auto* const wrong = std::get_if<Problem>(&request.body)) return std::move(*wrong);
  Request asked;
  asked.path = std::move(request.path);
  asked.parameters = std::move(request.parameters);
  asked.content_type = request.header("Content-Type");
  asked.idempotency_key = request.header("Idempotency-Key");
  asked.signature = {request.header("webhook-id"), request.header("webhook-timestamp"),
                     request.header("webhook-signature")};
  asked.body = std::get<std::string>(std::move(request.body));
  return route.handler(asked, *exchange);
}

std::vector<Endpoint> endpoints(const std::vector<Exchange*>& exchanges, const GatewayConfig& config) {
  std::vector<Endpoint> all;
  for (auto& route : all_routes({config.wait_most, kLongPolls})) {
    Endpoint endpoint{route.method, route.path, {}};
    endpoint.serve = [exchanges, route = std::move(route)](WebRequest& request) {
      return http::serve(exchanges, route, request);
    };
    all.push_back(std::move(endpoint));
  }
  return all;
}

}  // namespace

Gateway::Gateway(const GatewayConfig& config, const std::vector<Exchange*>& exchanges)
    : server_(static_cast<const ServerConfig&>(config), endpoints(exchanges, config),
              {{"/openapi.json", std::string(openapi())}}) {}

}  // namespace relais::http
