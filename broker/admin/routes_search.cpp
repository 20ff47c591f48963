// Messages and referrals: one by its id, or some of many, a page at a time.
#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/message_list.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

Result<json> one_message(const Sources& sources, const std::string& text) {
  const auto id = base::id_bytes(text);
  const auto report = id ? engine::Reports(sources.store).trace(*id) : std::nullopt;
  if (!report) return base::refuse(RefusalCode::not_found, "message_id");
  return to_json(*report);
}

Result<json> one_referral(const Sources& sources, const std::string& text) {
  const auto id = base::id_bytes(text);
  const auto report = id ? engine::Reports(sources.store).referral(*id) : std::nullopt;
  if (!report) return base::refuse(RefusalCode::not_found, "referral_id");
  return to_json(*id, *report);
}

Result<json> some_messages(const Sources& sources, const Request& request) {
  Parameters given(request);
  auto [filter, next, most] = messages_asked(given);
  filter.referral_id = given.id("referral");
  filter.case_id = given.id("case");
  filter.agreement = given.text("agreement");
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto page = engine::MessageSearch(sources.store).page(filter, next, most);
  json list = json::array();
  for (const auto& hit : page.hits) list.push_back(to_json(hit));
  json answer{{"messages", list}};
  add_page_end(page, answer);
  return answer;
}

Result<json> what_is(const Sources& sources, const std::string& text) {
  const auto id = base::id_bytes(text);
  if (!id)
    return base::refuse(RefusalCode::input_invalid, "id",
                        {{"why", "32 hexadecimal digits, with or without hyphens, are an id"}});
  const auto known = engine::MessageSearch(sources.store).known(*id);
  json answer{
      {"id", base::id_text(*id)}, {"message", known.message}, {"referral", known.referral}, {"case", known.the_case}};
  answer["appointment_of"] = known.appointment_of.empty() ? json(nullptr) : json(base::id_text(known.appointment_of));
  return answer;
}

Result<json> open_referrals(const Sources& sources, const Request& request) {
  Parameters given(request);
  engine::OpenReferralFilter filter;
  filter.institution = given.text("institution");
  filter.status = given.word("status", engine::views::referral_status_names());
  filter.agreement = given.text("agreement");
  const auto next = given.cursor("next");
  const auto most = given.limit();
  if (const auto said = given.finish(); !said) return said.refusal();
  const auto page = engine::OpenReferrals(sources.store).page(filter, next, most);
  json list = json::array();
  for (const auto& referral : page.referrals) list.push_back(to_json(referral));
  return json{{"referrals", list}, {"next", cursor_or_null(page.next)}};
}

}  // namespace

std::vector<Route> search_routes(const Sources& sources) {
  return {
      {"GET", "/api/v1/messages", [&](const Request& request) { return some_messages(sources, request); }},
      {"GET", "/api/v1/messages/{message_id}",
       [&](const Request& request) { return one_message(sources, request.path[0]); }},
      {"GET", "/api/v1/referrals", [&](const Request& request) { return open_referrals(sources, request); }},
      {"GET", "/api/v1/referrals/{referral_id}",
       [&](const Request& request) { return one_referral(sources, request.path[0]); }},
      {"GET", "/api/v1/ids/{id}", [&](const Request& request) { return what_is(sources, request.path[0]); }},
  };
}

}  // namespace relais::admin
