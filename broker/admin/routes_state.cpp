// How the broker and each institution are doing.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/lights.h"
#include "broker/admin/parameters.h"
#include "broker/admin/presence.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

void add(v1::Counts& sum, const v1::Counts& more) {
  sum.set_sent(sum.sent() + more.sent());
  sum.set_queued(sum.queued() + more.queued());
  sum.set_parked(sum.parked() + more.parked());
  sum.set_delivered(sum.delivered() + more.delivered());
  sum.set_dead(sum.dead() + more.dead());
  sum.set_discarded(sum.discarded() + more.discarded());
  sum.set_referrals_sent(sum.referrals_sent() + more.referrals_sent());
  sum.set_referrals_open(sum.referrals_open() + more.referrals_open());
  sum.set_appointments_booked(sum.appointments_booked() + more.appointments_booked());
}

json oldest_json(const engine::QueueReport& report) {
  return report.oldest ? json(iso_time(*report.oldest)) : json(nullptr);
}

json institution_json(const engine::QueueReport& report, const v1::Institution& institution,
                      const std::vector<AdapterSeen>& adapters, const Sources& sources) {
  const auto presence = presence_of(adapters, institution.id(), sources.started_at);
  return {{"id", institution.id()},
          {"name", institution.name()},
          {"kind", institution.kind()},
          {"light", light_of(report, institution, presence, sources.silent_after, sources.clock.now())},
          {"adapters_connected", presence.connected},
          {"oldest", oldest_json(report)},
          {"pause", pause_or_null(report)},
          {"real", to_json(report.counts.real())},
          {"exercise", to_json(report.counts.exercise())}};
}

json census_json(const std::optional<Census>& census) {
  if (!census) return nullptr;
  const auto& tally = census->tally;
  std::uint64_t overdue = 0;
  for (const auto& [holder, count] : tally.overdue) overdue += count;
  return {{"counted_at", iso_time(census->at)},
          {"complete", tally.complete},
          {"real", tally.real},
          {"exercise", tally.exercise},
          {"orphans", tally.orphans},
          {"overdue", overdue},
          {"oldest_opened_at", time_or_null(tally.oldest_opened_ms.value_or(0))},
          {"by_status", tally.by_status}};
}

json overview_json(const Sources& sources, const History& history) {
  const engine::Reports reports(sources.store);
  const auto network = reports.network();
  auto broker = status_json(sources);
  broker.erase("time");  // an answer that says nothing new is the same to the byte
  broker["light"] = broker_light(sources, network.has_value());
  json institutions = json::array();
  json oldest;
  std::optional<base::Instant> oldest_at;
  v1::Counts real, exercise;
  const auto adapters = sources.adapters();
  if (network)
    for (const auto& report : reports.queues()) {
      const auto at = std::ranges::find(network->institutions(), report.institution, &v1::Institution::id);
      if (at == network->institutions().end()) continue;  // another definition came into force in between
      institutions.push_back(institution_json(report, *at, adapters, sources));
      add(real, report.counts.real());
      add(exercise, report.counts.exercise());
      if (!report.oldest || (oldest_at && *oldest_at <= *report.oldest)) continue;
      oldest_at = report.oldest;
      oldest = {{"institution", report.institution}, {"at", iso_time(*report.oldest)}};
    }
  return {{"broker", broker},
          {"institutions", institutions},
          {"totals", {{"real", to_json(real)}, {"exercise", to_json(exercise)}}},
          {"oldest", oldest},
          {"open_referrals", census_json(history.census())},
          {"rates", history.rates()},
          {"history", history.series()}};
}

template <class Keys>
void add_keys(json& list, const Keys& keys, const char* use, base::Instant now) {
  for (const v1::PublicKey& key : keys)
    list.push_back({{"use", use},
                    {"id", key.id()},
                    {"valid_from", time_or_null(key.valid_from_ms())},
                    {"valid_until", time_or_null(key.valid_until_ms())},
                    {"state", key_state(key, now)}});
}

Result<json> institution_page(const Sources& sources, const History& history, const std::string& id) {
  const engine::Reports reports(sources.store);
  const auto network = reports.network();
  if (!network) return base::refuse(RefusalCode::network_none);
  const auto institution = std::ranges::find(network->institutions(), id, &v1::Institution::id);
  const auto queues = reports.queues();
  const auto report = std::ranges::find(queues, id, &engine::QueueReport::institution);
  if (institution == network->institutions().end() || report == queues.end())
    return base::refuse(RefusalCode::not_found, "institution", {{"what", id}});
  const auto now = sources.clock.now();
  const auto adapters = sources.adapters();
  auto page = institution_json(*report, *institution, adapters, sources);
  const auto mission = std::ranges::find(network->missions(), institution->mission(), &v1::Mission::id);
  page["mission"] = mission == network->missions().end() ? institution->mission() : mission->name();
  page["communes"] = institution->communes_size();
  auto& shown = page["adapters"] = json::array();
  for (const auto& adapter : adapters)
    if (serves(adapter, id))
      shown.push_back({{"name", adapter.name},
                       {"version", adapter.version},
                       {"connected", adapter.connected},
                       {"since", iso_time(adapter.since)},
                       {"why", adapter.why}});
  auto& keys = page["keys"] = json::array();
  add_keys(keys, institution->transport_keys(), "transport", now);
  add_keys(keys, institution->signing_keys(), "signing", now);
  add_keys(keys, institution->sealing_keys(), "sealing", now);
  page["history"] = history.series(id);
  return page;
}

}  // namespace

std::vector<Route> state_routes(const Sources& sources, const History& history) {
  return {
      {"GET", "/api/v1/status", [&](const Request&) -> Result<json> { return status_json(sources); }},
      {"GET", "/api/v1/queues",
       [&](const Request&) -> Result<json> {
         json list = json::array();
         for (const auto& report : engine::Reports(sources.store).queues())
           list.push_back(to_json(report, sources.clock.now()));
         return json{{"queues", list}};
       }},
      {"GET", "/api/v1/overview",
       [&](const Request& request) -> Result<json> {
         if (const auto said = Parameters(request).finish(); !said) return said.refusal();
         return overview_json(sources, history);
       }},
      {"GET", "/api/v1/institutions/{institution}",
       [&](const Request& request) -> Result<json> {
         if (const auto said = Parameters(request).finish(); !said) return said.refusal();
         return institution_page(sources, history, request.path[0]);
       }},
  };
}

}  // namespace relais::admin
