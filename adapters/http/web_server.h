// An HTTP server for JSON with bounded bodies, told as a table what answers. The only file with a server in it is its
// .cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "adapters/http/problem.h"
#include "adapters/http/server_config.h"
#include "broker/base/result.h"

namespace relais::http {

/// What was asked, as it came. `path` holds what stands for each {name} of the path, in order.
struct WebRequest {
  std::vector<std::string> path;
  std::multimap<std::string, std::string> parameters;
  std::function<std::string(const std::string& name)> header;  // empty: there is none; during the call only
  /// What is wrong with it otherwise. Whoever may not speak is told that first, and nothing else.
  std::variant<std::string, Problem> body;
};

struct Answer {
  int status = 200;
  Json body;
};

using Reply = std::variant<Answer, Problem>;

struct Endpoint {
  std::string method;  // GET, POST, DELETE
  std::string path;    // "/v1/inbox/{item_id}/acknowledge"
  /// On any of the server's threads, several at once. An exception is logged by its type and answered as
  /// internal.failed.
  std::function<Reply(WebRequest& request)> serve;
};

/// JSON text at a path of its own.
struct Page {
  std::string path;
  std::string text;
};

/// Requests are served on a pool of threads of its own. Life: start() and stop() are idempotent.
class WebServer {
 public:
  WebServer(ServerConfig config, std::vector<Endpoint> endpoints, std::vector<Page> pages = {});
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  /// io.failed when the address can not be bound or the certificate not be used.
  base::Status start();
  void stop();

  /// "GET /v1/status" for each page and endpoint.
  [[nodiscard]] std::vector<std::string> paths() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace relais::http
