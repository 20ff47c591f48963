// What somebody has to see to: referrals that nobody moves, what persons asked and not everybody answered, and what is
// kept for how long.
#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/retention.h"
#include "broker/engine/rights_requests.h"

namespace relais::admin {

namespace {

using base::Result;
using nlohmann::json;

constexpr engine::WalkLimits kRetentionLimits{500'000, std::chrono::milliseconds{500}};
constexpr std::size_t kNextErasures = 20;

json orphan_json(const engine::OpenReferral& referral) {
  auto shown = to_json(referral);
  shown["reminders"] = referral.row.reminders();
  return shown;
}

Result<json> orphans(const Sources& sources, const Request& request) {
  Parameters given(request);
  engine::OpenReferralFilter filter;
  filter.orphans = true;
  filter.institution = given.text("institution");
  const auto next = given.cursor("next");
  const auto most = given.limit();
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto page = engine::OpenReferrals(sources.store).page(filter, next, most);
  json list = json::array();
  for (const auto& referral : page.referrals) list.push_back(orphan_json(referral));
  return json{{"orphans", list}, {"next", cursor_or_null(page.next)}};
}

json rights_json(const engine::PendingRightsRequest& request) {
  const auto& row = request.row;
  json pending = json::array();
  for (const auto& reply : row.replies())
    if (reply.reply() == v1::RIGHTS_REPLY_UNSPECIFIED) pending.push_back(reply.institution());
  return {{"case_id", base::id_text(request.case_id)},
          {"request_id", base::id_text(row.request_id())},
          {"right", row.right() == v1::RIGHT_ACCESS ? "access" : "erasure"},
          {"by", row.by()},
          {"asked_at", time_or_null(row.at_ms())},
          {"due", time_or_null(row.due_ms())},
          {"answered", static_cast<std::size_t>(row.replies_size()) - pending.size()},
          {"pending", pending}};
}

Result<json> rights(const Sources& sources, const Request& request) {
  Parameters given(request);
  const auto next = given.cursor("next");
  const auto most = given.limit();
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto page = engine::RightsRequests(sources.store).pending(next, most);
  json list = json::array();
  for (const auto& pending : page.requests) list.push_back(rights_json(pending));
  return json{{"requests", list}, {"next", cursor_or_null(page.next)}};
}

json sum_json(const engine::KeptSum& sum) { return {{"messages", sum.messages}, {"bytes", sum.bytes}}; }

Result<json> retention(const Sources& sources, const Request& request) {
  if (const auto said = Parameters(request).finish(); !said) return said.refusal();
  const auto tally = engine::Retention(sources.store).tally(sources.clock.now(), kNextErasures, kRetentionLimits);
  json next = json::array();
  for (const auto& kept : tally.next)
    next.push_back(
        {{"message_id", base::id_text(kept.message_id)}, {"bytes", kept.bytes}, {"erased_at", iso_time(kept.due)}});
  return json{{"kept", sum_json(tally.kept)},
              {"within_day", sum_json(tally.within_day)},
              {"within_week", sum_json(tally.within_week)},
              {"complete", tally.complete},
              {"next_erasures", next}};
}

}  // namespace

std::vector<Route> follow_up_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/orphans", [&](const Request& request) { return orphans(sources, request); }},
      {"GET", "/api/v1/rights", [&](const Request& request) { return rights(sources, request); }},
      {"GET", "/api/v1/retention", [&](const Request& request) { return retention(sources, request); }},
  };
}

}  // namespace relais::admin
