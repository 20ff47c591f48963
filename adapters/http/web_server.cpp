#include "adapters/http/web_server.h"

#include <algorithm>
#include <httplib.h>
#include <thread>

#include "broker/base/log.h"
#include "broker/base/thrown.h"

namespace relais::http {

namespace {

constexpr std::size_t kThreads = 24;
constexpr time_t kReadSeconds = 10;
constexpr int kNotFound = 404;
// What is beyond the limit is read and thrown away, so that the answer can be read; but not for ever.
constexpr std::size_t kSkippedBytesMost = std::size_t{64} << 20;
constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kProblemJson = "application/problem+json; charset=utf-8";

/// A parameter's name may be no UTF-8.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

void answer(httplib::Response& response, const Problem& wrong) {
  response.status = wrong.status;
  response.set_header("Cache-Control", "no-store");
  if (wrong.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  if (wrong.retry_after.count() != 0) response.set_header("Retry-After", std::to_string(wrong.retry_after.count()));
  response.set_content(text_of(to_json(wrong)), kProblemJson);
}

void answer(httplib::Response& response, const Reply& reply) {
  if (const auto* const wrong = std::get_if<Problem>(&reply)) return answer(response, *wrong);
  const auto& said = std::get<Answer>(reply);
  response.status = said.status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(text_of(said.body), kJson);
}

/// "/v1/inbox/{item_id}/acknowledge" as the regular expression that the library wants.
std::string pattern_of(std::string_view path) {
  std::string pattern;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '{') {
      pattern += "([^/]+)";
      at = path.find('}', at);
    } else {
      if (path[at] == '.') pattern += '\\';
      pattern += path[at];
    }
  }
  return pattern;
}

/// Whether the library would find the endpoint by its path alone.
bool fits(std::string_view route, std::string_view path) {
  while (!route.empty() && !path.empty()) {
    const auto step = route.substr(0, route.find('/', 1));
    const auto given = path.substr(0, path.find('/', 1));
    if (step.starts_with("/{") ? given.size() < 2 : step != given) return false;
    route.remove_prefix(step.size());
    path.remove_prefix(given.size());
  }
  return route.empty() && path.empty();
}

/// At most `most` bytes of the body; what is wrong with it otherwise.
std::variant<std::string, Problem> read_body(const httplib::Request& request, const httplib::ContentReader& reader,
                                             std::size_t most) {
  // Without either there is no body (RFC 9112, 6.3); the library would wait for one.
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) return std::string();
  if (request.is_multipart_form_data()) return problem("content_type.wrong", {}, "Content-Type");
  std::string body;
  std::size_t bytes = 0;
  const bool whole = reader([&](const char* data, std::size_t size) {
    bytes += size;
    if (bytes <= most) body.append(data, size);
    return bytes <= most + kSkippedBytesMost;
  });
  if (bytes > most) return problem("body.too_large", std::to_string(most));
  if (!whole) return problem("body.incomplete");
  return body;
}

}  // namespace

class WebServer::Impl {
 public:
  Impl(ServerConfig config, std::vector<Endpoint> endpoints, std::vector<Page> pages)
      : config_(std::move(config)),
        endpoints_(std::move(endpoints)),
        pages_(std::move(pages)),
        http_(config_.certificate_file.empty()
                  ? std::make_unique<httplib::Server>()
                  : std::make_unique<httplib::SSLServer>(config_.certificate_file.c_str(), config_.key_file.c_str())) {
    http_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    // The library would share the port with whoever has it already.
    http_->set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_->set_read_timeout(kReadSeconds, 0);
    http_->set_write_timeout(kReadSeconds, 0);
    // A body that was not read to its end must not be taken for the next request.
    http_->set_keep_alive_max_count(1);
    http_->set_tcp_nodelay(true);
    http_->set_payload_max_length(config_.body_bytes_max + kSkippedBytesMost);
    http_->set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr& thrown) {
          base::log_error("request failed", {{"type", base::type_of(thrown)}});
          answer(response, problem("internal.failed"));
        });
    // What has no endpoint is answered before its body is read.
    http_->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD" || has_endpoint(request))
        return httplib::Server::HandlerResponse::Unhandled;
      answer(response, fallback(request, kNotFound));
      return httplib::Server::HandlerResponse::Handled;
    });
    http_->set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (response.body.empty()) answer(response, fallback(request, response.status));
    });
    for (const auto& page : pages_)
      http_->Get(pattern_of(page.path), [&page](const httplib::Request&, httplib::Response& response) {
        response.set_content(page.text, kJson);
      });
    for (const auto& endpoint : endpoints_) add(endpoint);
  }

  base::Status start() {
    if (thread_.joinable()) return base::Done{};
    const auto failed = [this](std::string why) {
      return base::refuse(base::RefusalCode::io_failed, "http.listen",
                          {{"path", config_.host + ":" + std::to_string(config_.port)}, {"why", std::move(why)}});
    };
    if (!http_->is_valid()) return failed("the certificate or its key can not be used");
    if (!http_->bind_to_port(config_.host, config_.port)) return failed("the address can not be used");
    thread_ = std::thread([this] { http_->listen_after_bind(); });
    // stop() would miss a server that is not running yet.
    while (!http_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    base::log_info("gateway listens", {{"host", config_.host}, {"port", config_.port}});
    return base::Done{};
  }

  void stop() {
    if (!thread_.joinable()) return;
    http_->stop();
    thread_.join();
  }

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (const auto& page : pages_) paths.push_back("GET " + page.path);
    for (const auto& endpoint : endpoints_) paths.push_back(endpoint.method + " " + endpoint.path);
    return paths;
  }

 private:
  void add(const Endpoint& endpoint) {
    const auto pattern = pattern_of(endpoint.path);
    if (endpoint.method == "GET") {
      http_->Get(pattern, [&endpoint](const httplib::Request& request, httplib::Response& response) {
        serve(endpoint, request, std::string(), response);
      });
      return;
    }
    // Read by ourselves: the library bounds no body that comes in chunks.
    const auto handler = [this, &endpoint](const httplib::Request& request, httplib::Response& response,
                                           const httplib::ContentReader& reader) {
      serve(endpoint, request, read_body(request, reader, config_.body_bytes_max), response);
    };
    if (endpoint.method == "DELETE")
      http_->Delete(pattern, handler);
    else
      http_->Post(pattern, handler);
  }

  [[nodiscard]] bool has_endpoint(const httplib::Request& request) const {
    return std::ranges::any_of(endpoints_, [&](const Endpoint& endpoint) {
      return endpoint.method == request.method && fits(endpoint.path, request.path);
    });
  }

  static void serve(const Endpoint& endpoint, const httplib::Request& request, std::variant<std::string, Problem> body,
                    httplib::Response& response) {
    WebRequest asked;
    for (std::size_t i = 1; i < request.matches.size(); ++i) asked.path.push_back(request.matches[i].str());
    asked.parameters.insert(request.params.begin(), request.params.end());
    asked.header = [&request](const std::string& name) { return request.get_header_value(name); };
    asked.body = std::move(body);
    answer(response, endpoint.serve(asked));
  }

  /// For what the library answers by itself.
  [[nodiscard]] Problem fallback(const httplib::Request& request, int status) const {
    if (status == 413) return problem("body.too_large", std::to_string(config_.body_bytes_max));
    if (status != kNotFound) {
      auto made = problem("body.incomplete");
      made.status = status;
      return made;
    }
    std::string methods;
    for (const auto& endpoint : endpoints_)
      if (fits(endpoint.path, request.path)) methods += (methods.empty() ? "" : ", ") + endpoint.method;
    return methods.empty() ? problem("path.unknown") : problem("method.not_allowed", methods);
  }

  const ServerConfig config_;
  const std::vector<Endpoint> endpoints_;
  const std::vector<Page> pages_;
  std::unique_ptr<httplib::Server> http_;
  std::thread thread_;
};

WebServer::WebServer(ServerConfig config, std::vector<Endpoint> endpoints, std::vector<Page> pages)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(endpoints), std::move(pages))) {}
WebServer::~WebServer() { stop(); }
base::Status WebServer::start() { return impl_->start(); }
void WebServer::stop() { impl_->stop(); }
std::vector<std::string> WebServer::paths() const { return impl_->paths(); }

}  // namespace relais::http
