// The gateway as a table: method, path as in openapi.json, and what answers. Knows nothing of HTTP's library.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/http/exchange.h"
#include "adapters/http/signature.h"
#include "adapters/http/web_server.h"

namespace relais::http {

/// What was asked. `path` holds what stands for each {name} of the path, in order.
struct Request {
  std::vector<std::string> path;
  std::multimap<std::string, std::string> parameters;
  std::string content_type;
  std::string idempotency_key;
  SignatureHeaders signature;
  std::string body;
};

/// Any of the server's threads. The exchange is that of the token, or of the hook.
using Handler = std::function<Reply(const Request&, Exchange&)>;

enum class Access { token, hook };

struct Route {
  std::string method;  // GET, POST, DELETE
  std::string path;    // "/v1/inbox/{item_id}/acknowledge"
  Access access = Access::token;
  Handler handler;
};

/// How long a long poll may wait, and how many may at once: others are answered at once.
struct WaitLimits {
  std::chrono::milliseconds most{30'000};
  int at_once = 8;
};

std::vector<Route> all_routes(const WaitLimits& limits);

// The groups it is made of.
std::vector<Route> submit_routes();
std::vector<Route> inbox_routes(const WaitLimits& limits);
std::vector<Route> question_routes();
std::vector<Route> care_routes();

}  // namespace relais::http
