#include "broker/admin/server.h"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <httplib.h>
#include <thread>
#include <unistd.h>

#include <sys/stat.h>

#include "broker/admin/json.h"
#include "broker/admin/metrics.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::admin {

namespace {

using base::RefusalCode;
using nlohmann::json;

constexpr std::size_t kThreads = 4;
constexpr std::size_t kBodyBytesMax = 16u << 20;
constexpr std::size_t kDeadLettersMost = 1'000;
constexpr std::size_t kSlotsMost = 10'000;
constexpr std::chrono::seconds kOperationMost{30};

void answer(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump() + "\n", "application/json; charset=utf-8");
}

void answer(httplib::Response& response, const base::Refusal& refusal) {
  answer(response, base::info(refusal.code).http_status, {{"refused", to_json(refusal)}});
}

/// The body of a POST; answers the refusal itself when it is not a JSON object.
std::optional<json> body_of(const httplib::Request& request, httplib::Response& response) {
  auto body = json::parse(request.body, nullptr, false);
  if (body.is_object()) return body;
  answer(response, base::refuse(RefusalCode::input_invalid, "body", {{"why", "not a JSON object"}}));
  return std::nullopt;
}

std::string text_in(const json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Number>
Number number_in(const json& body, const char* key) {
  const auto found = body.find(key);
  return found != body.end() && found->is_number_unsigned() ? found->get<Number>() : Number{};
}

core::Operator operator_in(const json& body) { return {text_in(body, "operator"), text_in(body, "reason")}; }

}  // namespace

class Server::Impl {
 public:
  Impl(ServerConfig config, Sources sources) : config_(std::move(config)), sources_(std::move(sources)) {
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http_.set_payload_max_length(kBodyBytesMax);
    http_.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      answer(response, base::refuse(RefusalCode::io_failed));
    });
    add_open_routes();
    add_reading_routes();
    add_acting_routes();
  }

  base::Status start() {
    if (thread_.joinable()) return base::Done{};
    port_ = config_.port == 0 ? http_.bind_to_any_port(config_.host.c_str())
                              : (http_.bind_to_port(config_.host.c_str(), config_.port) ? config_.port : -1);
    if (port_ < 0)
      return base::refuse(RefusalCode::io_failed, "admin.port",
                          {{"path", config_.host + ":" + std::to_string(config_.port)}});
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    return base::Done{};
  }

  void stop() {
    if (!thread_.joinable()) return;
    // stop() before the accept loop runs is forgotten by the library: wait for it first.
    while (!http_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    http_.stop();
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

 private:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  [[nodiscard]] Handler guarded(Handler handler) const {
    return [this, handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
      if (base::equal_secrets(request.get_header_value("Authorization"), "Bearer " + config_.token))
        return handler(request, response);
      response.set_header("WWW-Authenticate", "Bearer");
      answer(response, 401, {{"refused", {{"code", "identity.unknown"}}}});
    };
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
      response.set_content(metrics_text(sources_), "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  void add_reading_routes() {
    http_.Get("/api/v1/status", guarded([this](const httplib::Request&, httplib::Response& response) {
                answer(response, 200, status_json(sources_));
              }));
    http_.Get("/api/v1/queues", guarded([this](const httplib::Request&, httplib::Response& response) {
                json list = json::array();
                for (const auto& report : reports_.queues()) list.push_back(to_json(report, sources_.clock.now()));
                answer(response, 200, {{"queues", list}});
              }));
    http_.Get("/api/v1/network", guarded([this](const httplib::Request&, httplib::Response& response) {
                const auto network = reports_.network();
                if (!network) return answer(response, base::refuse(RefusalCode::network_none));
                answer(response, 200, {{"definition", base::base64(network->SerializeAsString())}});
              }));
    http_.Get(R"(/api/v1/messages/([0-9a-fA-F-]+))",
              guarded([this](const httplib::Request& request, httplib::Response& response) {
                const auto id = base::id_bytes(request.matches[1].str());
                const auto report = id ? reports_.trace(*id) : std::nullopt;
                if (!report) return answer(response, base::refuse(RefusalCode::not_found, "message_id"));
                answer(response, 200, to_json(*report));
              }));
    http_.Get(R"(/api/v1/referrals/([0-9a-fA-F-]+))",
              guarded([this](const httplib::Request& request, httplib::Response& response) {
                const auto id = base::id_bytes(request.matches[1].str());
                const auto report = id ? reports_.referral(*id) : std::nullopt;
                if (!report) return answer(response, base::refuse(RefusalCode::not_found, "referral_id"));
                answer(response, 200, to_json(*id, *report));
              }));
    http_.Get("/api/v1/slots", guarded([this](const httplib::Request& request, httplib::Response& response) {
                const auto institution = request.get_param_value("institution");
                if (!institution.empty() && !is_known(institution))
                  return answer(response, base::refuse(RefusalCode::not_found, "institution", {{"what", institution}}));
                answer(response, 200, to_json(reports_.slots(institution, kSlotsMost)));
              }));
    http_.Get("/api/v1/dead-letters", guarded([this](const httplib::Request& request, httplib::Response& response) {
                json list = json::array();
                for (const auto& report : reports_.dead_letters(request.get_param_value("recipient"), kDeadLettersMost))
                  list.push_back(to_json(report));
                answer(response, 200, {{"dead_letters", list}});
              }));
  }

  void add_acting_routes() {
    http_.Post("/api/v1/network", guarded([this](const httplib::Request& request, httplib::Response& response) {
                 const auto body = body_of(request, response);
                 if (!body) return;
                 const auto bytes = base::from_base64(text_in(*body, "signed_network"));
                 core::ApplyNetwork command{operator_in(*body), {}};
                 if (!bytes || !command.network.ParseFromString(*bytes))
                   return answer(response, base::refuse(RefusalCode::input_invalid, "signed_network"));
                 act(std::move(command), response);
               }));
    http_.Post("/api/v1/dead-letters/requeue",
               guarded([this](const httplib::Request& request, httplib::Response& response) {
                 if (const auto body = body_of(request, response))
                   act(core::RequeueDeadLetter{operator_in(*body), delivery_in(*body)}, response);
               }));
    http_.Post("/api/v1/dead-letters/discard",
               guarded([this](const httplib::Request& request, httplib::Response& response) {
                 if (const auto body = body_of(request, response))
                   act(core::DiscardDeadLetter{operator_in(*body), delivery_in(*body)}, response);
               }));
  }

  [[nodiscard]] bool is_known(const std::string& institution) const {
    const auto network = reports_.network();
    return network && std::any_of(network->institutions().begin(), network->institutions().end(),
                                  [&](const v1::Institution& one) { return one.id() == institution; });
  }

  static v1::DeliveryRef delivery_in(const json& body) {
    v1::DeliveryRef delivery;
    delivery.set_recipient(text_in(body, "recipient"));
    delivery.set_position(number_in<std::uint64_t>(body, "position"));
    delivery.set_ordinal(number_in<std::uint32_t>(body, "ordinal"));
    return delivery;
  }

  void act(core::Command command, httplib::Response& response) {
    auto done = sources_.engine.operate(std::move(command));
    if (done.wait_for(kOperationMost) != std::future_status::ready)
      return answer(response, base::refuse(RefusalCode::broker_overloaded));
    const auto position = done.get();
    if (!position) return answer(response, position.refusal());
    answer(response, 200, {{"position", *position}});
  }

  const ServerConfig config_;
  const Sources sources_;
  const engine::Reports reports_{sources_.store};
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
