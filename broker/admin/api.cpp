#include "broker/admin/api.h"

#include <chrono>
#include <future>
#include <iterator>

namespace relais::admin {

namespace {
constexpr std::chrono::seconds kOperationMost{30};
}

std::vector<Route> api_routes(const Sources& sources, const History& history, const AccountSources& accounts) {
  std::vector<Route> all;
  for (auto& group :
       {state_routes(sources, history), search_routes(sources), dead_letter_routes(sources), slot_routes(sources),
        audit_routes(sources), statistics_routes(sources), network_routes(sources, history), care_routes(sources),
        follow_up_routes(sources), self_test_routes(sources), pause_routes(sources), delivery_log_routes(sources),
        account_routes(sources, accounts), drain_routes(sources)})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string text_in(const nlohmann::json& body, const char* field) {
  const auto found = body.find(field);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

base::Result<nlohmann::json> act(const Sources& sources, core::Command command) {
  auto done = sources.engine.operate(std::move(command));
  if (done.wait_for(kOperationMost) != std::future_status::ready)
    return base::refuse(base::RefusalCode::broker_overloaded);
  const auto position = done.get();
  if (!position) return position.refusal();
  return nlohmann::json{{"position", *position}};
}

}  // namespace relais::admin
