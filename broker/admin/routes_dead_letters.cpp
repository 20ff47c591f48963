// Dead letters: in pages, counted by reason, and put back or given up, one or all that a filter names.
#include <algorithm>
#include <future>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using engine::DeadLetterFilter;
using engine::DeadLetters;
using nlohmann::json;

constexpr std::uint64_t kPageAbsent = 1'000;
constexpr std::uint64_t kPageMost = 1'000;
constexpr std::size_t kAtOnce = 200;
constexpr std::size_t kSample = 20;
constexpr std::chrono::seconds kManyMost{30};

json list_of(const std::vector<engine::DeadLetterReport>& letters) {
  json list = json::array();
  for (const auto& letter : letters) list.push_back(to_json(letter));
  return list;
}

json groups_json(const engine::DeadLetterTally& tally) {
  json list = json::array();
  for (const auto& [key, group] : tally.groups)
    list.push_back({{"recipient", key.first},
                    {"reason", key.second},
                    {"count", group.count},
                    {"exercise", group.exercise},
                    {"oldest_at", time_or_null(group.oldest_ms)}});
  return list;
}

Result<json> page(const Sources& sources, const Request& request) {
  Parameters given(request);
  DeadLetterFilter filter;
  filter.recipient = given.text("recipient");
  filter.reason = given.text("reason");
  filter.sender = given.text("sender");
  filter.kind = given.word("kind", engine::views::message_kind_names());
  const auto next = given.cursor("next");
  const auto most = given.number("limit", kPageAbsent, 1, kPageMost);
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto found = DeadLetters(sources.store).page(filter, next, most);
  return json{{"dead_letters", list_of(found.letters)}, {"next", cursor_or_null(found.next)}};
}

Result<json> reasons(const Sources& sources, const Request& request) {
  if (const auto said = Parameters(request).finish(); !said) return said.refusal();
  const auto tally = DeadLetters(sources.store).tally({});
  return json{{"groups", groups_json(tally)}, {"count", tally.matching}, {"complete", tally.complete}};
}

/// What the caller of an action on many asked for.
struct Order {
  core::Operator by;
  std::string action;
  DeadLetterFilter filter;
  std::string from;  // key to go on from
  bool dry_run = false;
  bool everything = false;
};

Result<Order> order_in(const json& body) {
  Order order;
  Fields fields(body);
  order.by = {fields.text("operator"), fields.text("reason")};
  order.action = fields.word("action", {"requeue", "discard"});
  const auto filter = fields.object("filter");
  order.filter.until = fields.time("until");
  order.from = fields.cursor("next");
  order.dry_run = fields.boolean("dry_run");
  order.everything = fields.boolean("everything");
  if (const auto said = fields.finish(); !said) return said.refusal();
  Fields narrow(filter, "filter.");
  order.filter.recipient = narrow.text("recipient");
  order.filter.reason = narrow.text("reason");
  order.filter.sender = narrow.text("sender");
  order.filter.kind = narrow.text("kind");
  if (const auto said = narrow.finish(); !said) return said.refusal();
  return order;
}

core::Command command_for(const Order& order, const engine::DeadLetterReport& letter) {
  v1::DeliveryRef delivery;
  delivery.set_recipient(letter.recipient);
  delivery.set_position(letter.key.position);
  delivery.set_ordinal(letter.key.ordinal);
  if (order.action == "requeue") return core::RequeueDeadLetter{order.by, delivery};
  return core::DiscardDeadLetter{order.by, delivery};
}

/// Says what the action would do, and until when a dead letter must have died to be part of it: what comes later is not
/// what was looked at.
json rehearse(const Sources& sources, Order order) {
  if (!order.filter.until) order.filter.until = sources.clock.now();
  const DeadLetters letters(sources.store);
  const auto tally = letters.tally(order.filter);
  auto groups = groups_json(tally);
  const auto adapters = sources.adapters();
  for (auto& group : groups) {
    group["adapters_connected"] = std::ranges::count_if(adapters, [&](const AdapterSeen& adapter) {
      return adapter.connected && std::ranges::find(adapter.institutions, group["recipient"].get<std::string>()) !=
                                      adapter.institutions.end();
    });
  }
  return {{"dry_run", true},
          {"action", order.action},
          {"until", iso_time(*order.filter.until)},
          {"matching", tally.matching},
          {"others", tally.others},
          {"everything", tally.others == 0 && tally.matching > 1},
          {"complete", tally.complete},
          {"groups", groups},
          {"sample", list_of(letters.page(order.filter, {}, kSample).letters)}};
}

Result<json> carry_out(const Sources& sources, const Order& order) {
  if (order.by.name.empty() || order.by.reason.empty())
    return base::refuse(RefusalCode::operator_reason_missing, order.by.name.empty() ? "operator" : "reason");
  const DeadLetters letters(sources.store);
  if (!order.everything && order.from.empty())
    if (const auto tally = letters.tally(order.filter); tally.others == 0 && tally.matching > 1)
      return base::refuse(RefusalCode::filter_everything, "everything", {{"count", std::to_string(tally.matching)}});
  const auto found = letters.page(order.filter, order.from, kAtOnce);
  std::vector<std::future<Result<core::Position>>> answers;
  answers.reserve(found.letters.size());
  for (const auto& letter : found.letters) answers.push_back(sources.engine.operate(command_for(order, letter)));
  const auto until = std::chrono::steady_clock::now() + kManyMost;
  std::uint64_t done = 0, gone = 0;
  std::optional<base::Refusal> refused;
  for (auto& answer : answers) {
    if (answer.wait_until(until) != std::future_status::ready) {
      refused = base::refuse(RefusalCode::broker_overloaded);
      break;
    }
    const auto position = answer.get();
    if (position)
      ++done;
    else if (position.refusal().code == RefusalCode::dead_letter_unknown)
      ++gone;  // somebody else was faster
    else if (!refused)
      refused = position.refusal();
  }
  if (refused && done == 0) return *refused;
  json answer{{"dry_run", false}, {"action", order.action}, {"done", done}, {"gone", gone}};
  answer["next"] = cursor_or_null(found.next);
  if (refused) answer["refused"] = to_json(*refused);
  return answer;
}

Result<json> act_on_many(const Sources& sources, const Request& request) {
  const auto order = order_in(request.body);
  if (!order) return order.refusal();
  if (order->dry_run) return rehearse(sources, *order);
  return carry_out(sources, *order);
}

/// The one delivery that the body names.
Result<json> act_on_one(const Sources& sources, const Request& request, bool requeue) {
  const auto number = [&](const char* key) {
    const auto found = request.body.find(key);
    return found != request.body.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  };
  core::Operator by{text_in(request.body, "operator"), text_in(request.body, "reason")};
  v1::DeliveryRef delivery;
  delivery.set_recipient(text_in(request.body, "recipient"));
  delivery.set_position(number("position"));
  delivery.set_ordinal(static_cast<std::uint32_t>(number("ordinal")));
  if (requeue) return act(sources, core::RequeueDeadLetter{std::move(by), std::move(delivery)});
  return act(sources, core::DiscardDeadLetter{std::move(by), std::move(delivery)});
}

}  // namespace

std::vector<Route> dead_letter_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/dead-letters", [&](const Request& request) { return page(sources, request); }},
      {"GET", "/api/v1/dead-letters/reasons", [&](const Request& request) { return reasons(sources, request); }},
      {"POST", "/api/v1/dead-letters/requeue",
       [&](const Request& request) { return act_on_one(sources, request, true); }},
      {"POST", "/api/v1/dead-letters/discard",
       [&](const Request& request) { return act_on_one(sources, request, false); }},
      {"POST", "/api/v1/dead-letters/many", [&](const Request& request) { return act_on_many(sources, request); }},
  };
}

}  // namespace relais::admin
