// The operators' API as a table: method, path as in openapi.json, and what answers. Knows nothing of HTTP's library.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/access/account_book.h"
#include "broker/access/role.h"
#include "broker/access/sessions.h"
#include "broker/admin/history.h"
#include "broker/admin/sources.h"
#include "broker/base/result.h"

namespace relais::admin {

/// What was asked. `path` holds what stands for each {name} of the path, in order.
struct Request {
  std::vector<std::string> path;
  std::map<std::string, std::string> parameters;
  nlohmann::json body;                        // an object; of POST only
  std::optional<access::Person> person = {};  // who logged in; nobody: whoever holds the token
};

/// The answer's body, or the refusal; any of the server's threads.
using Handler = std::function<base::Result<nlohmann::json>(const Request&)>;

struct Route {
  std::string method;  // GET, POST
  std::string path;    // "/api/v1/messages/{message_id}"
  Handler handler;
};

/// Who may log in, and who has.
struct AccountSources {
  access::AccountBook& book;
  access::Sessions& sessions;
};

/// All that is for those alone who may. What the arguments refer to outlives the routes.
std::vector<Route> api_routes(const Sources& sources, const History& history, const AccountSources& accounts);

// The groups it is made of.
std::vector<Route> state_routes(const Sources& sources, const History& history);
std::vector<Route> search_routes(const Sources& sources);
std::vector<Route> dead_letter_routes(const Sources& sources);
std::vector<Route> follow_up_routes(const Sources& sources);
std::vector<Route> self_test_routes(const Sources& sources);
std::vector<Route> pause_routes(const Sources& sources);
std::vector<Route> slot_routes(const Sources& sources);
std::vector<Route> statistics_routes(const Sources& sources);
std::vector<Route> audit_routes(const Sources& sources);
std::vector<Route> delivery_log_routes(const Sources& sources);
std::vector<Route> care_routes(const Sources& sources);
std::vector<Route> account_routes(const Sources& sources, const AccountSources& accounts);
std::vector<Route> drain_routes(const Sources& sources);
std::vector<Route> network_routes(const Sources& sources, const History& history);

/// The text in that field of the body; empty when it is absent or no text.
std::string text_in(const nlohmann::json& body, const char* field);

/// Hands the command to the engine and waits until it is durable: {"position": n}. broker.overloaded after half a
/// minute.
base::Result<nlohmann::json> act(const Sources& sources, core::Command command);

}  // namespace relais::admin
