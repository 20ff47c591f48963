#include "broker/admin/server.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <httplib.h>
#include <optional>
#include <thread>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include "broker/admin/api.h"
#include "broker/admin/assets.h"
#include "broker/admin/gate.h"
#include "broker/admin/http_json.h"
#include "broker/admin/json.h"
#include "broker/admin/metrics.h"
#include "broker/admin/permissions.h"
#include "broker/admin/tls.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"
#include "broker/base/synced_file.h"
#include "broker/base/thrown.h"

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
constexpr std::size_t kStrangersBodyBytesMax = 16u << 10;

// The console brings its own scripts and styles, asks nobody else, and stands in nobody's frame.
const httplib::Headers kSecurityHeaders = {
    {"Content-Security-Policy",
     "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"}};

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

/// The library bounds a body by its Content-Length alone: not one in chunks, not one whose length nobody says, and not
/// what an encoded one becomes.
std::optional<base::Refusal> unbounded(const httplib::Request& request) {
  for (const char* const name : {"Transfer-Encoding", "Content-Encoding"})
    if (request.has_header(name)) return invalid(name, "a body comes as it is, with its Content-Length");
  if (request.method != "GET" && request.method != "HEAD" && !request.has_header("Content-Length"))
    return invalid("Content-Length", "it is missing");
  return std::nullopt;
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

/// One port, and what listens there.
struct Listener {
  Door door;
  std::unique_ptr<httplib::Server> http;
  std::string host;
  int port = 0;
  std::thread thread = {};
};

class Server::Impl {
 public:
  Impl(ServerConfig config, Sources sources)
      : config_(std::move(config)),
        sources_(std::move(sources)),
        history_(sources_),
        gate_({config_.token, config_.host, config_.public_address, config_.behind_proxy, config_.access},
              sources_.clock),
        accounts_(config_.access.accounts),
        routes_(api_routes(sources_, history_, {accounts_, gate_.sessions()})) {}

  base::Status start() {
    if (!listeners_.empty()) return base::Done{};
    if (config_.tls_certificate.empty()) {
      listeners_.push_back({{}, std::make_unique<httplib::Server>(), config_.host, config_.port});
    } else {
      auto secured = tls_server(config_.tls_certificate, config_.tls_key);
      if (!secured) return secured.refusal();
      listeners_.push_back({{true, false}, std::move(*secured), config_.host, config_.port});
      listeners_.push_back({{}, std::make_unique<httplib::Server>(), "127.0.0.1", 0});
    }
    for (auto& listener : listeners_) {
      prepare(*listener.http, listener.door);
      if (const auto bound = bind(listener); !bound) {
        listeners_.clear();
        return bound;
      }
    }
    history_.start();
    for (auto& listener : listeners_)
      listener.thread = std::thread([http = listener.http.get()] { http->listen_after_bind(); });
    return base::Done{};
  }

  void stop() {
    if (listeners_.empty()) return;
    for (auto& listener : listeners_) {
      // stop() before the accept loop runs is forgotten by the library: wait for it first.
      while (!listener.http->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      listener.http->stop();
      listener.thread.join();
    }
    listeners_.clear();
    history_.stop();
  }

  [[nodiscard]] int port() const { return listeners_.empty() ? 0 : listeners_.front().port; }

  [[nodiscard]] std::string local_address() const {
    const auto& local = listeners_.back();
    const auto host = local.host.find(':') == std::string::npos ? local.host : "[" + local.host + "]";
    return "http://" + host + ":" + std::to_string(local.port);
  }

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths{"GET /health", "GET /ready", "GET /metrics", "GET /openapi.json"};
    std::ranges::copy(Gate::paths(), std::back_inserter(paths));
    for (const auto& route : routes_) paths.push_back(route.method + " " + route.path);
    return paths;
  }

 private:
  static base::Status bind(Listener& listener) {
    const int wanted = listener.port;
    if (wanted == 0)
      listener.port = listener.http->bind_to_any_port(listener.host);
    else if (!listener.http->bind_to_port(listener.host, wanted))
      listener.port = -1;
    if (listener.port >= 0) return base::Done{};
    return base::refuse(RefusalCode::io_failed, "admin.port", {{"path", listener.host + ":" + std::to_string(wanted)}});
  }

  void prepare(httplib::Server& http, const Door& door) {
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http.set_keep_alive_timeout(kIdleSeconds);
    http.set_tcp_nodelay(true);
    http.set_payload_max_length(kBodyBytesMax);
    auto headers = kSecurityHeaders;
    if (door.tls) headers.emplace("Strict-Transport-Security", "max-age=31536000");
    http.set_default_headers(headers);
    // The library would share the port with whoever has it already.
    http.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr& thrown) {
          base::log_error("request failed", {{"type", base::type_of(thrown)}});
          answer(response, base::refuse(RefusalCode::io_failed));
        });
    http.set_pre_routing_handler([this, door](const httplib::Request& request, httplib::Response& response) {
      auto fault = gate_.stranger(request, door);
      if (!fault) fault = unbounded(request);
      if (!fault) fault = too_long(request, door);
      if (!fault) return httplib::Server::HandlerResponse::Unhandled;
      // Its body is not read: a proxy must not take what follows on this connection for the answer to somebody else.
      response.set_header("Connection", "close");
      answer(response, *fault);
      return httplib::Server::HandlerResponse::Handled;
    });
    add_open_routes(http, door);
    add_assets(http);
    gate_.add_routes(http, door);
    for (const auto& route : routes_) add(http, door, route);
  }

  /// Who asks is known before a long body is read.
  std::optional<base::Refusal> too_long(const httplib::Request& request, const Door& door) {
    if (request.get_header_value<std::uint64_t>("Content-Length") <= kStrangersBodyBytesMax) return std::nullopt;
    const auto caller = gate_.caller(request, door);
    return caller ? std::nullopt : std::optional(caller.refusal());
  }

  void add(httplib::Server& http, const Door& door, const Route& route) {
    const auto handler = [this, door, &route](const httplib::Request& request, httplib::Response& response) {
      const auto caller = gate_.caller(request, door);
      if (!caller) return answer(response, caller.refusal());
      if (const auto said = Gate::admit(*caller, request, route.method + " " + route.path); !said)
        return answer(response, said.refusal());
      serve(route, *caller, request, response);
    };
    if (route.method == "POST")
      http.Post(pattern_of(route.path), handler);
    else
      http.Get(pattern_of(route.path), handler);
  }

  /// What somebody who logged in does bears their name in the journal, and no other.
  static base::Status sign(const access::Person& person, json& body) {
    const auto claimed = body.find("operator");
    if (claimed != body.end() && !claimed->is_null() && *claimed != person.name)
      return invalid("operator", "what you do bears the name of your account");
    body["operator"] = person.name;
    return base::Done{};
  }

  void serve(const Route& route, const Caller& caller, const httplib::Request& request,
             httplib::Response& response) const {
    Request asked;
    if (caller.session) asked.person = caller.session->person;
    for (std::size_t i = 1; i < request.matches.size(); ++i) asked.path.push_back(request.matches[i].str());
    for (const auto& [name, value] : request.params) asked.parameters[name] = value;
    if (route.method == "POST") {
      auto body = object_in(request);
      if (!body) return answer(response, body.refusal());
      asked.body = std::move(*body);
      if (asked.person)
        if (const auto said = sign(*asked.person, asked.body); !said) return answer(response, said.refusal());
    }
    response.set_header("Relais-Time", iso_time(sources_.clock.now()));
    const auto body = route.handler(asked);
    if (!body) return answer(response, body.refusal());
    response.set_header("Cache-Control", "no-store");
    const auto text = text_of(*body);
    if (route.method == "GET") return answer_unless_known(request, response, tag_of(text), text, kJson);
    response.set_content(text, std::string(kJson));
  }

  void add_open_routes(httplib::Server& http, const Door& door) {
    http.Get("/health", [this](const httplib::Request&, httplib::Response& response) {
      const bool healthy = !sources_.engine.figures().disk_full;
      answer(response, healthy ? 200 : 503, {{"healthy", healthy}});
    });
    http.Get("/ready", [this](const httplib::Request&, httplib::Response& response) {
      const char* why = sources_.draining()                          ? "broker.draining"
                        : sources_.engine.figures().disk_full        ? "broker.disk_full"
                        : !engine::Reports(sources_.store).network() ? "network.none"
                                                                     : nullptr;
      json body{{"ready", why == nullptr}};
      if (why != nullptr) body["why"] = why;
      answer(response, why == nullptr ? 200 : 503, body);
    });
    http.Get("/metrics", [this, door](const httplib::Request& request, httplib::Response& response) {
      if (!gate_.is_local(request, door)) {  // figures say who writes to whom, and how much
        const auto caller = gate_.caller(request, door);
        if (!caller) return answer(response, caller.refusal());
        if (const auto said = Gate::admit(*caller, request, "GET /metrics"); !said)
          return answer(response, said.refusal());
      }
      response.set_content(metrics_text(sources_, history_), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  static void add_assets(httplib::Server& http) {
    const auto to_console = [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/console/");
    };
    http.Get("/", to_console);
    http.Get("/console", to_console);
    for (const auto& asset : assets()) {
      const auto tag = tag_of(asset.content);
      http.Get(pattern_of(asset.path), [&asset, tag](const httplib::Request& request, httplib::Response& response) {
        // Those with a hash in their name never change; the others are asked for again.
        response.set_header("Cache-Control", asset.hashed ? "public, max-age=31536000, immutable" : "no-cache");
        answer_unless_known(request, response, tag, asset.content, asset.type);
      });
    }
  }

  const ServerConfig config_;
  const Sources sources_;
  History history_;
  Gate gate_;
  access::AccountBook accounts_;
  const std::vector<Route> routes_;
  std::vector<Listener> listeners_;
};

Server::Server(ServerConfig config, Sources sources)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(sources))) {}
Server::~Server() { stop(); }
base::Status Server::start() { return impl_->start(); }
void Server::stop() { impl_->stop(); }
int Server::port() const { return impl_->port(); }
std::string Server::local_address() const { return impl_->local_address(); }
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
  int error = fd < 0 ? errno : base::write_synced(fd, token);
  if (fd >= 0) ::close(fd);
  if (error == 0) error = base::sync_folder(file.parent_path());
  if (error != 0) {
    if (fd >= 0) ::unlink(file.c_str());  // half a token would be read at the next start
    return base::refuse(RefusalCode::io_failed, file.string(),
                        {{"path", file.string()}, {"why", std::strerror(error)}});
  }
  return token;
}

}  // namespace relais::admin
