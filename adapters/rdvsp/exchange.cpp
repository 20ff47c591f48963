#include "adapters/rdvsp/exchange.h"

#include <algorithm>

#include "adapters/http/item.h"
#include "adapters/http/keys.h"
#include "adapters/http/old_notes.h"
#include "adapters/rdvsp/lapin_signature.h"
#include "broker/base/crypto.h"
#include "broker/base/log.h"

namespace relais::rdvsp {

namespace {

using http::Answer;
using http::problem;
using http::Reply;
using http::time_or_null;
using http::WebRequest;

constexpr std::size_t kProblemsMost = 1'000;
constexpr std::size_t kAboutBytes = 16;
constexpr const char* kSignature = "X-Lapin-Signature";

http::Problem unreadable(const Faults& faults) {
  auto made = problem("body.invalid", std::to_string(faults.size()));
  for (const auto& fault : faults) made.parts.push_back(http::part_of(fault, {}));
  if (faults.front().rule.starts_with("json.")) made.status = 400;
  return made;
}

}  // namespace

Exchange::Exchange(files::Post& post, http::Questions& questions, const ExchangeConfig& config,
                   const base::Clock& clock, std::unique_ptr<http::Caller> caller)
    : post_(post),
      questions_(questions),
      config_(config),
      clock_(clock),
      problems_(post, config.institution),
      ledger_(post.store(), config.institution),
      desk_(post, ledger_, problems_, config),
      api_(config.api, std::move(caller), clock),
      intake_(post, desk_, ledger_, problems_, api_, config, clock),
      walk_(api_, desk_, ledger_, problems_, post, config, clock) {}

Reply Exchange::hook(WebRequest& request) {
  if (auto* const wrong = std::get_if<http::Problem>(&request.body)) return std::move(*wrong);
  const auto& body = std::get<std::string>(request.body);
  if (!is_signed(config_.secrets, request.header(kSignature), body)) return problem("signature.wrong", {}, kSignature);
  auto read = read_event(body);
  if (const auto* const faults = std::get_if<Faults>(&read)) {
    auto wrong = unreadable(*faults);
    book(wrong, body);
    return wrong;
  }
  auto taken = desk_.take(std::get<Event>(read), "/data", clock_.now());
  if (auto* const wrong = std::get_if<http::Problem>(&taken)) {
    book(*wrong, body);
    return std::move(*wrong);
  }
  const auto& done = std::get<Taken>(taken);
  if (done.unclear) walk_.again();
  return Answer{200, {{"messages", done.messages}, {"older", done.older}}};
}

/// So that somebody on our side sees it, once for each body however often they repeat it.
void Exchange::book(const http::Problem& wrong, const std::string& body) {
  if (wrong.retry_after.count() != 0) return;
  const auto& part = wrong.parts.empty() ? http::ProblemPart{} : wrong.parts.front();
  http::BookedProblem booked{clock_.now(),
                             "hook",
                             base::hex(base::view(base::hash(body)).substr(0, kAboutBytes)),
                             part.code.empty() ? wrong.code : part.code,
                             part.field,
                             part.english.empty() ? wrong.english : part.english,
                             part.french.empty() ? wrong.french : part.french,
                             {},
                             {}};
  base::log_warning("webhook not taken", {{"institution", config_.institution},
                                          {"problem", booked.about},
                                          {"code", booked.code},
                                          {"field", booked.field}});
  // For want of the note their own report is left.
  (void)post_.store().write({problems_.note(booked)});
}

Reply Exchange::status() {
  const auto health = questions_.health();
  const auto walked = walk_.health();
  return Answer{200,
                {{"institution", config_.institution},
                 {"now", http::time_text(clock_.now())},
                 {"version", RELAIS_VERSION},
                 {"connected", health.connected},
                 {"ready", health.ready()},
                 {"outbox",
                  {{"messages", health.outbox_messages},
                   {"bytes", health.outbox_bytes},
                   {"oldest", health.outbox_oldest ? Json(http::time_text(*health.outbox_oldest)) : Json()}}},
                 {"problems", problems_.list(kProblemsMost).size()},
                 {"walk",
                  {{"walks", walked.walks},
                   {"last_complete_at", time_or_null(walked.last_complete_at)},
                   {"rdvs", walked.rdvs},
                   {"messages", walked.messages},
                   {"failures_in_a_row", walked.failures},
                   {"last_failure", walked.last_failure.empty() ? Json() : Json(walked.last_failure)}}}}};
}

Reply Exchange::problems() { return Answer{200, {{"problems", problems_.list(kProblemsMost)}}}; }

Reply Exchange::settle(const std::string& about) {
  const auto settled = problems_.settle(about);
  if (!settled) return problem(settled.refusal());
  if (!*settled) return problem("problem.unknown");
  return Answer{200, {{"settled", true}}};
}

Reply Exchange::walk() {
  walk_.again();
  return Answer{202, {{"asked", true}}};
}

base::Status Exchange::forget_old() {
  const auto before = base::to_ms(clock_.now() - config_.remember_for);
  if (auto forgotten = desk_.forget_before(before); !forgotten) return forgotten;
  return http::forget_notes(post_.store(), http::note_prefix("message", config_.institution), before);
}

std::vector<http::Endpoint> endpoints(const std::vector<Exchange*>& exchanges) {
  const auto asked = [exchanges](auto serve) {
    return [exchanges, serve](WebRequest& request) -> Reply {
      const auto given = request.header("Authorization");
      Exchange* speaks = nullptr;
      for (auto* const exchange : exchanges)
        for (const auto& token : exchange->config().tokens)
          if (base::equal_secrets(given, "Bearer " + token)) speaks = exchange;
      if (speaks == nullptr) return problem("token.wrong", {}, "Authorization");
      return serve(*speaks, request);
    };
  };
  const auto hook = [exchanges](WebRequest& request) -> Reply {
    for (auto* const exchange : exchanges)
      if (exchange->config().institution == request.path.at(0)) return exchange->hook(request);
    return problem("mapping.unknown");
  };
  return {{"POST", "/v1/webhooks/{institution}", hook},
          {"GET", "/v1/status", asked([](Exchange& exchange, WebRequest&) { return exchange.status(); })},
          {"GET", "/v1/problems", asked([](Exchange& exchange, WebRequest&) { return exchange.problems(); })},
          {"DELETE", "/v1/problems/{problem_id}",
           asked([](Exchange& exchange, WebRequest& request) { return exchange.settle(request.path.at(0)); })},
          {"POST", "/v1/walk", asked([](Exchange& exchange, WebRequest&) { return exchange.walk(); })}};
}

}  // namespace relais::rdvsp
