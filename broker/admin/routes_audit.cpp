// What operators did, whether the journal that says so is whole, and what proves the way of one message.
#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/operator_acts.h"

namespace relais::admin {

namespace {

using base::Result;
using nlohmann::json;

json act_json(const engine::OperatorAct& act) {
  json about = nullptr;
  if (!act.recipient.empty()) about = {{"institution", act.recipient}};
  if (!act.message_id.empty()) about = {{"message_id", base::id_text(act.message_id)}, {"recipient", act.recipient}};
  if (!act.account.empty()) about = {{"account", act.account}};
  if (act.network_version != 0) about = {{"network_version", act.network_version}};
  return {{"position", act.position}, {"at", iso_time(act.at)}, {"operator", act.name},
          {"action", act.action},     {"reason", act.reason},   {"about", about}};
}

Result<json> acts(const Sources& sources, const Request& request) {
  Parameters given(request);
  engine::OperatorActFilter filter;
  filter.name = given.text("operator");
  filter.action = given.text("action");
  filter.from = given.time("from");
  filter.until = given.time("until");
  const auto next = given.number("next", 0, 1, ~std::uint64_t{0});
  const auto most = given.limit();
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto page = engine::OperatorActs(sources.store).page(filter, next, most);
  if (!page) return page.refusal();
  json list = json::array();
  for (const auto& act : page->acts) list.push_back(act_json(act));
  json answer{{"acts", list}, {"examined", page->examined}, {"last", page->last}};
  answer["next"] = page->next == 0 ? json(nullptr) : json(page->next);
  answer["reached"] = page->reached ? json(iso_time(*page->reached)) : json(nullptr);
  return answer;
}

Result<json> chain(const Sources& sources, const Request& request) {
  Parameters given(request);
  const auto from = given.number("from", 1, 1, ~std::uint64_t{0});
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto stretch = engine::OperatorActs(sources.store).verify(from);
  json answer{{"reached", stretch.reached.position},
              {"hash", base::hex(base::view(stretch.reached.hash))},
              {"end", stretch.end.position}};
  answer["damaged"] = stretch.damaged ? to_json(*stretch.damaged) : json(nullptr);
  return answer;
}

/// As a text and not as an object: every byte of it counts.
Result<json> evidence(const Sources& sources, const Request& request) {
  if (const auto said = Parameters(request).finish(); !said) return said.refusal();
  const auto id = base::id_bytes(request.path[0]);
  if (!id) return base::refuse(base::RefusalCode::not_found, "message_id", {{"what", request.path[0]}});
  const auto text = sources.evidence(*id);
  if (!text) return text.refusal();
  return json{{"evidence", *text}};
}

}  // namespace

std::vector<Route> audit_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/audit", [&](const Request& request) { return acts(sources, request); }},
      {"GET", "/api/v1/audit/chain", [&](const Request& request) { return chain(sources, request); }},
      {"GET", "/api/v1/messages/{message_id}/evidence",
       [&](const Request& request) { return evidence(sources, request); }},
  };
}

}  // namespace relais::admin
