// What waits for the software: listed, waited for, and taken.
#include <atomic>
#include <memory>
#include <thread>

#include "adapters/http/api.h"
#include "adapters/http/parameters.h"
#include "broker/base/turn.h"

namespace relais::http {

namespace {

constexpr std::size_t kItemsMost = 200;
constexpr std::size_t kItemsUsual = 50;
constexpr std::size_t kAnswerBytes = std::size_t{4} << 20;
// An item is there once the SDK has written it, which nobody announces; a look costs a seek in memory.
constexpr std::chrono::milliseconds kLookEvery{100};

void wait_for_item(Exchange& exchange, const std::string& after, std::chrono::milliseconds wait) {
  const auto end = std::chrono::steady_clock::now() + wait;
  while (!exchange.stopping() && std::chrono::steady_clock::now() < end && !exchange.inbox().waits(after))
    std::this_thread::sleep_for(kLookEvery);
}

Reply list(const Request& request, Exchange& exchange, const WaitLimits& limits, std::atomic<int>& running) {
  Parameters parameters(request.parameters);
  const auto most = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(limits.most).count());
  const auto wait = std::chrono::seconds(parameters.number("wait", 0, 0, most));
  const auto count = static_cast<std::size_t>(parameters.number("limit", kItemsUsual, 1, kItemsMost));
  const auto after = parameters.text("after");
  if (auto wrong = parameters.finish()) return std::move(*wrong);
  if (wait.count() != 0) {
    const base::Turn turn(running, limits.at_once);
    if (turn.granted()) wait_for_item(exchange, after, wait);
  }
  auto listing = exchange.inbox().list(after, count, kAnswerBytes);
  return Answer{200, {{"items", std::move(listing.items)}, {"more", listing.more}, {"unreadable", listing.unreadable}}};
}

Reply acknowledge(const Request& request, Exchange& exchange) {
  auto read = text_fields(request.content_type, request.body, {"reference", "appointment_reference"});
  if (auto* const wrong = std::get_if<Problem>(&read)) return std::move(*wrong);
  auto& fields = std::get<std::map<std::string, std::string>>(read);
  const OwnNumbers numbers{fields["reference"], fields["appointment_reference"]};
  if (auto wrong = exchange.inbox().take(request.path.at(0), numbers, exchange.now())) return std::move(*wrong);
  return Answer{200, {{"taken", true}}};
}

}  // namespace

std::vector<Route> inbox_routes(const WaitLimits& limits) {
  const auto running = std::make_shared<std::atomic<int>>(0);
  return {{"GET", "/v1/inbox", Access::token,
           [limits, running](const Request& request, Exchange& exchange) {
             return list(request, exchange, limits, *running);
           }},
          {"POST", "/v1/inbox/{item_id}/acknowledge", Access::token, acknowledge}};
}

}  // namespace relais::http
