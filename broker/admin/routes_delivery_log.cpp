// What became of an institution's messages: those that it sent, and those that were sent to it. The only list that a
// partner sees, and only that of its own institution.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/message_list.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

/// A sender learns what became of each delivery; a recipient of its own, and not who else got the message.
json entry_json(const engine::MessageHit& hit, const std::string& institution) {
  auto entry = to_json(hit);
  const bool sent = hit.sender == institution;
  entry["direction"] = sent ? "sent" : "received";
  if (!sent) {
    auto& deliveries = entry["deliveries"];
    json own = json::array();
    std::ranges::copy_if(deliveries, std::back_inserter(own),
                         [&](const json& delivery) { return delivery["recipient"] == institution; });
    deliveries = std::move(own);
  }
  return entry;
}

/// A partner's own; anybody else names one.
Result<std::string> institution_asked(const Request& request, const std::string& named) {
  const bool partner = request.person && request.person->role == access::Role::partner;
  if (partner && !named.empty() && named != request.person->institution)
    return base::refuse(RefusalCode::access_not_allowed, "institution",
                        {{"role", std::string(access::role_name(request.person->role))}});
  if (partner) return request.person->institution;
  if (named.empty()) return base::refuse(RefusalCode::input_invalid, "institution", {{"why", "it is missing"}});
  return named;
}

Result<json> delivery_log(const Sources& sources, const Request& request) {
  Parameters given(request);
  auto [filter, next, most] = messages_asked(given);
  if (const auto said = given.finish(); !said) return said.refusal();
  auto institution = institution_asked(request, filter.institution);
  if (!institution) return institution.refusal();
  filter.institution = *institution;
  const auto page = engine::MessageSearch(sources.store).page(filter, next, most);
  json list = json::array();
  for (const auto& hit : page.hits) {
    auto entry = entry_json(hit, *institution);
    // The state that was asked for may be that of somebody else's delivery.
    if (filter.state.empty() || std::ranges::any_of(entry["deliveries"], [&](const json& delivery) {
          return delivery["state"] == filter.state;
        }))
      list.push_back(std::move(entry));
  }
  json answer{{"institution", *institution}, {"entries", list}};
  add_page_end(page, answer);
  return answer;
}

}  // namespace

std::vector<Route> delivery_log_routes(const Sources& sources) {
  return {{"GET", "/api/v1/delivery-log", [&](const Request& request) { return delivery_log(sources, request); }}};
}

}  // namespace relais::admin
