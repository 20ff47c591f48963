// Self-tests: an exercise message to each institution, which its adapter acknowledges at once, and how long that took.
#include <algorithm>

#include "broker/admin/api.h"
#include "broker/admin/json.h"
#include "broker/admin/parameters.h"
#include "broker/base/ids.h"
#include "broker/engine/self_tests.h"
#include "broker/engine/views.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

/// Those that are named, or, without a name, all that the network definition in force has.
Result<std::vector<std::string>> to_test(const Sources& sources, std::vector<std::string> named) {
  const auto network = engine::Reports(sources.store).network();
  if (!network) return base::refuse(RefusalCode::network_none);
  std::vector<std::string> all;
  for (const auto& institution : network->institutions()) all.push_back(institution.id());
  for (std::size_t i = 0; i < named.size(); ++i)
    if (std::ranges::find(all, named[i]) == all.end())
      return base::refuse(RefusalCode::input_invalid, "institutions[" + std::to_string(i) + "]",
                          {{"why", "no institution of the network definition in force"}});
  return named.empty() ? all : std::move(named);
}

Result<json> begin(const Sources& sources, const Request& request) {
  Fields given(request.body);
  core::TestConnections command{{given.text("operator"), given.text("reason")}, given.texts("institutions")};
  if (const auto said = given.finish(); !said) return said.refusal();
  auto institutions = to_test(sources, std::move(command.institutions));
  if (!institutions) return institutions.refusal();
  command.institutions = std::move(*institutions);
  const auto done = act(sources, std::move(command));
  if (!done) return done.refusal();
  const auto position = (*done)["position"].get<core::Position>();
  return json{{"message_id", base::id_text(engine::self_test_id(position))}, {"position", position}};
}

json round_json(const v1::DeliveryRow& delivery, std::int64_t sent_ms) {
  const bool there = delivery.state() == v1::DELIVERY_STATE_DELIVERED;
  return {{"institution", delivery.recipient()},
          {"state", engine::views::delivery_state_name(delivery.state())},
          {"round_trip_ms", there ? json(delivery.at_ms() - sent_ms) : json(nullptr)},
          {"attempts", delivery.attempts()},
          {"reason", delivery.reason()}};
}

Result<json> result(const Sources& sources, const std::string& text) {
  const auto id = base::id_bytes(text);
  const auto row = id ? engine::find_self_test(sources.store, *id) : std::nullopt;
  if (!row) return base::refuse(RefusalCode::not_found, "message_id");
  json institutions = json::array();
  for (const auto& delivery : row->deliveries()) institutions.push_back(round_json(delivery, row->accepted_at_ms()));
  return json{{"message_id", base::id_text(*id)},
              {"sent_at", time_or_null(row->accepted_at_ms())},
              {"institutions", institutions}};
}

}  // namespace

std::vector<Route> self_test_routes(const Sources& sources) {
  return {
      {"POST", "/api/v1/self-tests", [&](const Request& request) { return begin(sources, request); }},
      {"GET", "/api/v1/self-tests/{message_id}",
       [&](const Request& request) { return result(sources, request.path[0]); }},
  };
}

}  // namespace relais::admin
