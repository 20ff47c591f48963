// For those who look after the connection: is it well, what went wrong, is the webhook on.
#include "adapters/http/api.h"
#include "adapters/http/item.h"
#include "adapters/http/parameters.h"

namespace relais::http {

namespace {

constexpr std::size_t kCountedMost = 10'000;
constexpr std::size_t kProblemsUsual = 100;
constexpr std::size_t kProblemsMost = 1'000;

Json json_of(const WebhookHealth& health) {
  return {{"enabled", health.enabled},
          {"disabled_at", time_or_null(health.disabled_at)},
          {"failures_in_a_row", health.failures},
          {"last_failure", health.last_failure.empty() ? Json() : Json(health.last_failure)},
          {"last_failure_at", time_or_null(health.last_failure_at)},
          {"last_success_at", time_or_null(health.last_success_at)}};
}

Reply status(const Request&, Exchange& exchange) {
  const auto health = exchange.questions().health();
  const auto* const webhook = exchange.webhook();
  return Answer{200,
                {{"institution", exchange.config().institution},
                 {"now", time_text(exchange.now())},
                 {"version", RELAIS_VERSION},
                 {"connected", health.connected},
                 {"ready", health.ready()},
                 {"network_version", health.network_version},
                 {"outbox",
                  {{"messages", health.outbox_messages},
                   {"bytes", health.outbox_bytes},
                   {"oldest", health.outbox_oldest ? Json(time_text(*health.outbox_oldest)) : Json()}}},
                 {"inbox", exchange.inbox().count(kCountedMost)},
                 {"problems", exchange.problems().list(kProblemsMost).size()},
                 {"webhook", webhook == nullptr ? Json() : json_of(webhook->health())}}};
}

Reply problems(const Request& request, Exchange& exchange) {
  Parameters parameters(request.parameters);
  const auto count = static_cast<std::size_t>(parameters.number("limit", kProblemsUsual, 1, kProblemsMost));
  if (auto wrong = parameters.finish()) return std::move(*wrong);
  return Answer{200, {{"problems", exchange.problems().list(count)}}};
}

Reply settle(const Request& request, Exchange& exchange) {
  const auto settled = exchange.problems().settle(request.path.at(0));
  if (!settled) return problem(settled.refusal());
  if (!*settled) return problem("problem.unknown");
  return Answer{200, {{"settled", true}}};
}

Reply enable(const Request&, Exchange& exchange) {
  auto* const webhook = exchange.webhook();
  if (webhook == nullptr) return problem("webhook.none");
  if (const auto said = webhook->enable(); !said) return problem(said.refusal());
  return Answer{200, json_of(webhook->health())};
}

}  // namespace

std::vector<Route> care_routes() {
  return {{"GET", "/v1/status", Access::token, status},
          {"GET", "/v1/problems", Access::token, problems},
          {"DELETE", "/v1/problems/{problem_id}", Access::token, settle},
          {"POST", "/v1/webhook/enable", Access::token, enable}};
}

std::vector<Route> all_routes(const WaitLimits& limits) {
  std::vector<Route> all;
  for (auto& group : {submit_routes(), inbox_routes(limits), question_routes(), care_routes()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace relais::http
