// The network definition: as it is signed, and who may send what to whom.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/crypto.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

json term_json(const v1::Term& term) {
  switch (term.length_case()) {
    case v1::Term::kMs:
      return {{"ms", term.ms()}};
    case v1::Term::kWorkingDays:
      return {{"working_days", term.working_days()}};
    case v1::Term::kWorkingHours:
      return {{"working_hours", term.working_hours()}};
    case v1::Term::LENGTH_NOT_SET:
      break;
  }
  return nullptr;
}

const char* state_of(const v1::Agreement& agreement, base::Instant now) {
  const auto now_ms = base::to_ms(now);
  if (agreement.valid_from_ms() > now_ms) return "not_yet_valid";
  return agreement.valid_until_ms() != 0 && agreement.valid_until_ms() <= now_ms ? "expired" : "valid";
}

/// The directions of the agreement, then those of who acted for one of its parties.
json directions_json(const v1::Agreement& agreement, const v1::AgreementTraffic& traffic) {
  json list = json::array();
  const auto add = [&](const std::string& from, const std::string& to, std::uint64_t messages, std::int64_t last_ms) {
    list.push_back({{"from", from}, {"to", to}, {"messages", messages}, {"last_at", time_or_null(last_ms)}});
  };
  const auto same = [](const auto& way) {
    return [&way](const auto& other) { return other.from() == way.from() && other.to() == way.to(); };
  };
  for (const auto& way : agreement.directions()) {
    const auto went = std::ranges::find_if(traffic.directions(), same(way));
    if (went == traffic.directions().end())
      add(way.from(), way.to(), 0, 0);
    else
      add(way.from(), way.to(), went->messages(), went->last_at_ms());
  }
  for (const auto& went : traffic.directions())
    if (std::ranges::none_of(agreement.directions(), same(went)))
      add(went.from(), went.to(), went.messages(), went.last_at_ms());
  return list;
}

json agreement_json(const v1::Agreement& agreement, const v1::AgreementTraffic& traffic, base::Instant now,
                    const std::optional<Census>& census) {
  json purposes = json::array(), deadlines = json::array();
  for (const auto& rule : agreement.purposes()) {
    json categories = json::array();
    for (const auto category : rule.categories())
      categories.push_back(engine::views::category_name(static_cast<v1::Category>(category)));
    purposes.push_back({{"purpose", rule.purpose()}, {"categories", categories}});
  }
  for (const auto& rule : agreement.deadlines())
    deadlines.push_back({{"priority", engine::views::priority_name(rule.priority())},
                         {"decide_within", term_json(rule.decide_within())},
                         {"complete_within", term_json(rule.complete_within())},
                         {"acknowledge_within", term_json(rule.acknowledge_within())}});
  json answer{{"id", agreement.id()},
              {"name", agreement.name()},
              {"legal_basis", agreement.legal_basis()},
              {"state", state_of(agreement, now)},
              {"valid_from", time_or_null(agreement.valid_from_ms())},
              {"valid_until", time_or_null(agreement.valid_until_ms())},
              {"forwarding", agreement.forwarding()},
              {"retention_ms", agreement.retention_ms()},
              {"directions", directions_json(agreement, traffic)},
              {"purposes", purposes},
              {"deadlines", deadlines},
              {"open_referrals", nullptr}};
  if (census) {
    const auto open = census->tally.by_agreement.find(agreement.id());
    answer["open_referrals"] = open == census->tally.by_agreement.end() ? 0 : open->second;
  }
  return answer;
}

Result<json> agreements(const Sources& sources, const History& history) {
  const engine::Reports reports(sources.store);
  const auto network = reports.network();
  if (!network) return base::refuse(RefusalCode::network_none);
  auto traffic = reports.traffic();
  const auto census = history.census();
  json institutions = json::array(), purposes = json::array(), list = json::array();
  for (const auto& institution : network->institutions())
    institutions.push_back({{"id", institution.id()}, {"name", institution.name()}, {"kind", institution.kind()}});
  for (const auto& purpose : network->purposes())
    purposes.push_back({{"id", purpose.id()}, {"english", purpose.name_en()}, {"french", purpose.name_fr()}});
  for (const auto& agreement : network->agreements())
    list.push_back(agreement_json(agreement, traffic[agreement.id()], sources.clock.now(), census));
  return json{{"network", {{"id", network->network()}, {"name", network->name()}, {"version", network->version()}}},
              {"institutions", institutions},
              {"purposes", purposes},
              {"agreements", list}};
}

json outline(const v1::NetworkDefinition& network) {
  return {{"id", network.network()},
          {"name", network.name()},
          {"version", network.version()},
          {"signed_at", time_or_null(network.signed_at_ms())},
          {"institutions", network.institutions_size()},
          {"agreements", network.agreements_size()},
          {"services", network.services_size()}};
}

Result<json> definition(const Sources& sources) {
  const auto network = engine::Reports(sources.store).network();
  if (!network) return base::refuse(RefusalCode::network_none);
  auto answer = outline(*network);
  answer["authority"] = base::base64(base::view(sources.authority));
  answer["definition"] = base::base64(network->SerializeAsString());
  return answer;
}

Result<json> rehearse(const Sources& sources, const v1::SignedNetwork& network) {
  const auto trial = engine::Reports(sources.store).try_network(network, sources.authority);
  if (!trial) return trial.refusal();
  json violations = json::array();
  for (const auto& one : trial->violations)
    violations.push_back({{"path", one.path}, {"problem", one.problem}, {"allowed", one.allowed}});
  return json{{"network", outline(trial->definition)},
              {"present", trial->present ? json(*trial->present) : json(nullptr)},
              {"authentic", trial->authentic},
              {"violations", violations},
              {"acceptable", trial->verdict().ok()}};
}

Result<json> apply(const Sources& sources, const Request& request) {
  auto rest = request.body;
  rest.erase("signed_network");  // longer than a text may be otherwise
  Fields given(rest);
  core::ApplyNetwork command{{given.text("operator"), given.text("reason")}, {}};
  const auto bytes = base::from_base64(text_in(request.body, "signed_network"));
  const bool dry_run = given.boolean("dry_run");
  if (const auto said = given.finish(); !said) return said.refusal();
  if (!bytes || !command.network.ParseFromString(*bytes))
    return base::refuse(RefusalCode::input_invalid, "signed_network");
  if (dry_run) return rehearse(sources, command.network);
  return act(sources, std::move(command));
}

}  // namespace

std::vector<Route> network_routes(const Sources& sources, const History& history) {
  return {
      {"GET", "/api/v1/agreements",
       [&](const Request& request) -> Result<json> {
         if (const auto said = Parameters(request).finish(); !said) return said.refusal();
         return agreements(sources, history);
       }},
      {"GET", "/api/v1/network", [&](const Request&) { return definition(sources); }},
      {"POST", "/api/v1/network", [&](const Request& request) { return apply(sources, request); }},
  };
}

}  // namespace relais::admin
