// The day's digest, what may be published of a month, and statements of services rendered.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/digest.h"
#include "broker/engine/indicators.h"
#include "broker/engine/reports.h"
#include "broker/engine/statement.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

using nlohmann::json;

base::Refusal invalid(const char* field, const char* why) {
  return base::refuse(base::RefusalCode::input_invalid, field, {{"why", why}});
}

json or_null(const std::optional<std::uint64_t>& count) { return count ? json(*count) : json(); }

json days_or_null(const std::optional<base::Milliseconds>& length) {
  if (!length) return nullptr;
  const auto tenths = length->count() / 8'640'000;
  return static_cast<double>(tenths) / 10;
}

template <class Names>
json counts_json(const Names& names, const std::vector<std::optional<std::uint64_t>>& counts,
                 const std::optional<std::uint64_t>& total) {
  json object{{"total", or_null(total)}};
  for (std::size_t i = 0; i < counts.size(); ++i) object[std::string(names[i])] = or_null(counts[i]);
  return object;
}

json to_json(const engine::IndicatorGroup& group) {
  return {{"name", group.name},
          {"referrals", counts_json(engine::kReferralEnds, group.referrals, group.referrals_total)},
          {"appointments", counts_json(engine::kAppointmentEnds, group.appointments, group.appointments_total)},
          {"days_to_decision", days_or_null(group.to_decision)},
          {"days_to_appointment", days_or_null(group.to_appointment)},
          {"days_to_end", days_or_null(group.to_end)}};
}

/// What the definition in force calls it; null when it has no name for it: a thematic, a commune, one that is gone.
json title_of(const v1::NetworkDefinition& network, std::string_view by, const std::string& id) {
  const auto name_in = [&](const auto& list) {
    const auto found = std::ranges::find_if(list, [&](const auto& one) { return one.id() == id; });
    return found == list.end() ? json() : json(found->name());
  };
  if (by == "agreement") return name_in(network.agreements());
  return by == "service" ? name_in(network.services()) : json();
}

base::Result<json> indicators(const Sources& sources, const Request& request) {
  Parameters parameters(request);
  const auto month = parameters.text("month");
  if (auto said = parameters.finish(); !said) return said.refusal();
  const auto period = engine::month_of(month);
  if (!period) return invalid("month", "a month as in 2026-01");
  if (period->end > sources.clock.now()) return invalid("month", "a month that is over");
  const auto breakdowns = engine::indicators(sources.store, *period);
  if (!breakdowns) return breakdowns.refusal();
  json answer{{"month", month}, {"breakdowns", json::array()}};
  const auto network = engine::Reports(sources.store).network().value_or(v1::NetworkDefinition());
  for (const auto& breakdown : *breakdowns) {
    json groups = json::array();
    for (const auto& group : breakdown.groups) {
      groups.push_back(to_json(group));
      groups.back()["title"] = title_of(network, breakdown.by, group.name);
    }
    answer["breakdowns"].push_back({{"by", breakdown.by}, {"groups", groups}, {"total", to_json(breakdown.total)}});
  }
  return answer;
}

base::Result<json> digest(const Sources& sources, const Request& request) {
  Parameters parameters(request);
  const auto day = parameters.text("day");
  if (auto said = parameters.finish(); !said) return said.refusal();
  const auto period = engine::day_of(day);
  if (!period) return invalid("day", "a day as in 2026-01-31");
  const auto lines = engine::digest(sources.store, *period);
  if (!lines) return lines.refusal();
  json answer{{"day", day}, {"institutions", json::array()}};
  for (const auto& line : *lines)
    answer["institutions"].push_back({{"institution", line.institution},
                                      {"requested", line.requested},
                                      {"received", line.received},
                                      {"accepted", line.accepted},
                                      {"rejected", line.rejected},
                                      {"completed", line.completed},
                                      {"handed_on", line.handed_on},
                                      {"expired", line.expired},
                                      {"booked", line.booked},
                                      {"no_shows", line.no_shows},
                                      {"deadlines_missed", line.deadlines_missed},
                                      {"dead_letters", line.dead_letters}});
  return answer;
}

base::Result<json> statement(const Sources& sources, const Request& request) {
  Parameters parameters(request);
  const auto agreement = parameters.text("agreement");
  const auto first = parameters.text("from");
  const auto last = parameters.text("until");
  if (auto said = parameters.finish(); !said) return said.refusal();
  const auto from = engine::day_of(first);
  if (!from) return invalid("from", "a day as in 2026-01-31");
  const auto until = engine::day_of(last);
  if (!until) return invalid("until", "a day as in 2026-01-31, the last of the period");
  if (until->end <= from->begin) return invalid("until", "a day not before from");
  const auto made = engine::statement(sources.store, agreement, {from->begin, until->end});
  if (!made) return made.refusal();
  json lines = json::array();
  for (const auto& line : made->lines)
    lines.push_back({{"completed_at", iso_time(line.at)},
                     {"referral_id", base::id_text(line.referral_id)},
                     {"from", line.from},
                     {"acting", line.acting},
                     {"to", line.to},
                     {"purpose", line.purpose},
                     {"outcome", engine::views::outcome_name(line.outcome)}});
  return json{{"agreement", made->agreement},
              {"name", made->name},
              {"legal_basis", made->legal_basis},
              {"from", first},
              {"until", last},
              {"unit_price_cents", made->unit_price_cents},
              {"services", made->lines.size()},
              {"total_cents", made->total_cents()},
              {"lines", lines}};
}

}  // namespace

std::vector<Route> statistics_routes(const Sources& sources) {
  return {{"GET", "/api/v1/indicators", [&sources](const Request& request) { return indicators(sources, request); }},
          {"GET", "/api/v1/digest", [&sources](const Request& request) { return digest(sources, request); }},
          {"GET", "/api/v1/statement", [&sources](const Request& request) { return statement(sources, request); }}};
}

}  // namespace relais::admin
