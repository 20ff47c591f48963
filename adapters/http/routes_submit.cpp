// What comes from the institution's side: referrals and statuses of its software, webhooks of other systems.
#include <algorithm>

#include <fmt/format.h>

#include "adapters/http/api.h"
#include "adapters/http/parameters.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::http {

namespace {

constexpr std::size_t kKeyBytesMost = 200;
constexpr int kAccepted = 202;

bool is_key(const std::string& text) {
  return text.size() <= kKeyBytesMost && std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// So that somebody on our side sees it, once for each id however often the other system repeats it.
void book(Exchange& exchange, const std::string& hook, const std::string& id, const Problem& wrong) {
  if (wrong.retry_after.count() != 0) return;
  const auto about = base::hex(base::view(base::hash(hook + "\n", id)).substr(0, 16));
  const auto& part = wrong.parts.empty() ? ProblemPart{} : wrong.parts.front();
  BookedProblem booked{exchange.now(),
                       "hook",
                       about,
                       part.code.empty() ? wrong.code : part.code,
                       part.record + part.field,
                       part.english.empty() ? wrong.english : part.english,
                       part.french.empty() ? wrong.french : part.french,
                       {},
                       {}};
  base::log_warning(
      "webhook not taken",
      {{"institution", exchange.config().institution}, {"hook", hook}, {"problem", about}, {"code", booked.code}});
  // For want of the note the other system's own report is left.
  (void)exchange.post().store().write({exchange.problems().note(booked)});
}

Reply submitted(std::variant<Json, Problem> said) {
  if (auto* const wrong = std::get_if<Problem>(&said)) return std::move(*wrong);
  return Answer{kAccepted, std::get<Json>(std::move(said))};
}

Reply submit(const Request& request, Exchange& exchange) {
  const auto& rules = exchange.config().submits;
  const auto rule = std::ranges::find(rules, request.path.at(0), &SubmitRule::name);
  if (rule == rules.end()) return problem("mapping.unknown");
  if (!is_json(request.content_type)) return problem("content_type.wrong", {}, "Content-Type");
  if (!is_key(request.idempotency_key)) return problem("key.malformed", {}, "Idempotency-Key");
  std::optional<RequestKey> key;
  if (!request.idempotency_key.empty()) key = {"api", request.idempotency_key};
  return submitted(exchange.submitter().submit(*rule, request.body, key, exchange.now()));
}

Reply hook(const Request& request, Exchange& exchange) {
  const auto& rules = exchange.config().hooks;
  const auto rule = std::ranges::find_if(rules, [&](const HookRule& r) { return r.submit.name == request.path.at(0); });
  if (rule == rules.end()) return problem("mapping.unknown");
  const auto tolerance = std::chrono::duration_cast<std::chrono::seconds>(rule->tolerance).count();
  switch (verify(rule->secrets, request.signature, request.body, exchange.now(), rule->tolerance)) {
    case Believed::incomplete:
      return problem("signature.missing");
    case Believed::wrong:
      return problem("signature.wrong", {}, "webhook-signature");
    case Believed::too_old:
      return problem("signature.too_old", std::to_string(tolerance), "webhook-timestamp");
    case Believed::yes:
      break;
  }
  if (!is_json(request.content_type)) return problem("content_type.wrong", {}, "Content-Type");
  auto said = exchange.submitter().submit(
      rule->submit, request.body, RequestKey{"hook " + rule->submit.name, request.signature.id}, exchange.now());
  if (const auto* const wrong = std::get_if<Problem>(&said))
    book(exchange, rule->submit.name, request.signature.id, *wrong);
  return submitted(std::move(said));
}

}  // namespace

std::vector<Route> submit_routes() {
  return {{"POST", "/v1/submissions/{mapping}", Access::token, submit},
          {"POST", "/v1/hooks/{hook}", Access::hook, hook}};
}

}  // namespace relais::http
