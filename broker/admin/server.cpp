#include "broker/admin/server.h"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <httplib.h>
#include <thread>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/stat.h>

#include "broker/admin/api.h"
#include "broker/admin/assets.h"
#include "broker/admin/json.h"
#include "broker/admin/metrics.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using nlohmann::json;

// A browser opens connections before it needs them and keeps up to six; each holds a thread while it is idle. A browser
// tries again when a connection that has worked before is closed under it, but not when the first request meets the
// close: on a busy machine a second passes between the two. Longer, and stop() waits for the idle ones.
constexpr std::size_t kThreads = 32;
constexpr time_t kIdleSeconds = 5;
constexpr std::size_t kBodyBytesMax = 16u << 20;
constexpr std::string_view kJson = "application/json; charset=utf-8";

// The console brings its own scripts and styles, asks nobody else, and stands in nobody's frame.
const httplib::Headers kSecurityHeaders = {
    {"Content-Security-Policy",
     "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"}};

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(body.dump() + "\n", std::string(kJson));
}

void answer(httplib::Response& response, const base::Refusal& refusal) {
  answer(response, base::info(refusal.code).http_status, {{"refused", to_json(refusal)}});
}

base::Refusal invalid(std::string field, std::string why) {
  return base::refuse(RefusalCode::input_invalid, std::move(field), {{"why", std::move(why)}});
}

std::string tag_of(std::string_view content) {
  return '"' + base::hex(base::view(base::hash(content)).substr(0, 16)) + '"';
}

/// 304 without a body when the asker has it already.
void answer_unless_known(const httplib::Request& request, httplib::Response& response, const std::string& tag,
                         std::string_view content, std::string_view type) {
  response.set_header("ETag", tag);
  if (request.get_header_value("If-None-Match") == tag) {
    response.status = 304;
    return;
  }
  response.set_content(content.data(), content.size(), std::string(type));
}

/// The host in a Host header, without its port.
std::string host_of(const std::string& header) {
  if (header.starts_with("[")) return header.substr(1, header.find(']') - 1);
  return header.substr(0, header.find(':'));
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// "/api/v1/messages/{message_id}" as the regular expression that the library wants.
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

}  // namespace

class Server::Impl {
 public:
  Impl(ServerConfig config, Sources sources)
      : config_(std::move(config)),
        sources_(std::move(sources)),
        history_(sources_),
        routes_(api_routes(sources_, history_)) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_keep_alive_timeout(kIdleSeconds);
    http_.set_tcp_nodelay(true);
    http_.set_payload_max_length(kBodyBytesMax);
    http_.set_default_headers(kSecurityHeaders);
    http_.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      answer(response, base::refuse(RefusalCode::io_failed));
    });
    http_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      const auto fault = stranger(request);
      if (!fault) return httplib::Server::HandlerResponse::Unhandled;
      answer(response, *fault);
      return httplib::Server::HandlerResponse::Handled;
    });
    add_open_routes();
    add_assets();
    for (const auto& route : routes_) add(route);
  }

  base::Status start() {
    if (thread_.joinable()) return base::Done{};
    port_ = config_.port == 0 ? http_.bind_to_any_port(config_.host.c_str())
                              : (http_.bind_to_port(config_.host.c_str(), config_.port) ? config_.port : -1);
    if (port_ < 0)
      return base::refuse(RefusalCode::io_failed, "admin.port",
                          {{"path", config_.host + ":" + std::to_string(config_.port)}});
    history_.start();
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    return base::Done{};
  }

  void stop() {
    if (!thread_.joinable()) return;
    // stop() before the accept loop runs is forgotten by the library: wait for it first.
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    http_.stop();
    thread_.join();
    history_.stop();
  }

  [[nodiscard]] int port() const { return port_; }

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths{"GET /health", "GET /ready", "GET /metrics", "GET /openapi.json"};
    for (const auto& route : routes_) paths.push_back(route.method + " " + route.path);
    return paths;
  }

 private:
  /// A page of another site that lets this browser speak to us: by a name that it made point here (DNS rebinding: its
  /// Host is a name, where ours is an address), or as itself (its Origin is not ours).
  [[nodiscard]] std::optional<base::Refusal> stranger(const httplib::Request& request) const {
    const auto given = request.get_header_value("Host");
    const auto host = host_of(given);
    if (!given.empty() && !is_address(host) && host != "localhost" && host != config_.host)
      return invalid("Host", "the broker is spoken to by its address or as localhost");
    const auto origin = request.get_header_value("Origin");
    if (!origin.empty() && origin != "http://" + given) return invalid("Origin", "a page of another site");
    return std::nullopt;
  }

  void add(const Route& route) {
    const auto handler = [this, &route](const httplib::Request& request, httplib::Response& response) {
      if (!base::equal_secrets(request.get_header_value("Authorization"), "Bearer " + config_.token)) {
        response.set_header("WWW-Authenticate", "Bearer");
        return answer(response, 401, {{"refused", {{"code", "identity.unknown"}}}});
      }
      serve(route, request, response);
    };
    if (route.method == "POST")
      http_.Post(pattern_of(route.path), handler);
    else
      http_.Get(pattern_of(route.path), handler);
  }

  void serve(const Route& route, const httplib::Request& request, httplib::Response& response) const {
    Request asked;
    for (std::size_t i = 1; i < request.matches.size(); ++i) asked.path.push_back(request.matches[i].str());
    for (const auto& [name, value] : request.params) asked.parameters[name] = value;
    if (route.method == "POST") {
      // What a form of a page can not send.
      if (!request.get_header_value("Content-Type").starts_with("application/json"))
        return answer(response, invalid("Content-Type", "application/json is expected"));
      asked.body = json::parse(request.body, nullptr, false);
      if (!asked.body.is_object()) return answer(response, invalid("body", "not a JSON object"));
    }
    response.set_header("Relais-Time", iso_time(sources_.clock.now()));
    const auto body = route.handler(asked);
    if (!body) return answer(response, body.refusal());
    response.set_header("Cache-Control", "no-store");
    const auto text = body->dump() + "\n";
    if (route.method == "GET") return answer_unless_known(request, response, tag_of(text), text, kJson);
    response.set_content(text, std::string(kJson));
  }

  void add_open_routes() {
    http_.Get("/health", [this](const httplib::Request&, httplib::Response& response) {
      const bool healthy = !sources_.engine.figures().disk_full;
      answer(response, healthy ? 200 : 503, {{"healthy", healthy}});
    });
    http_.Get("/ready", [this](const httplib::Request&, httplib::Response& response) {
      const char* why = sources_.draining()                          ? "broker.draining"
                        : sources_.engine.figures().disk_full        ? "broker.disk_full"
                        : !engine::Reports(sources_.store).network() ? "network.none"
                                                                     : nullptr;
      json body{{"ready", why == nullptr}};
      if (why != nullptr) body["why"] = why;
      answer(response, why == nullptr ? 200 : 503, body);
    });
    http_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics_text(sources_, history_), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  void add_assets() {
    const auto to_console = [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/console/");
    };
    http_.Get("/", to_console);
    http_.Get("/console", to_console);
    for (const auto& asset : assets()) {
      const auto tag = tag_of(asset.content);
      http_.Get(pattern_of(asset.path), [&asset, tag](const httplib::Request& request, httplib::Response& response) {
        // Those with a hash in their name never change; the others are asked for again.
        response.set_header("Cache-Control", asset.hashed ? "public, max-age=31536000, immutable" : "no-cache");
        answer_unless_known(request, response, tag, asset.content, asset.type);
      });
    }
  }

  const ServerConfig config_;
  const Sources sources_;
  History history_;
  const std::vector<Route> routes_;
  httplib::Server http_;
  int port_ = 0;
  std::thread thread_;
};

Server::Server(ServerConfig config, Sources sources)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(sources))) {}
Server::~Server() { stop(); }
base::Status Server::start() { return impl_->start(); }
void Server::stop() { impl_->stop(); }
int Server::port() const { return impl_->port(); }
std::vector<std::string> Server::paths() const { return impl_->paths(); }

base::Result<std::string> read_or_make_token(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0) {
    if ((info.st_mode & 077) != 0)
      return base::refuse(RefusalCode::key_file_mode, file.string(), {{"path", file.string()}});
    std::ifstream in(file);
    std::string token;
    if (in >> token) return token;
    return base::refuse(RefusalCode::io_failed, file.string(), {{"path", file.string()}});
  }
  const auto token = base::hex(base::random_bytes(32));
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && ::write(fd, token.data(), token.size()) == static_cast<ssize_t>(token.size()) && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!written) return base::refuse(RefusalCode::io_failed, file.string(), {{"path", file.string()}});
  return token;
}

}  // namespace relais::admin
