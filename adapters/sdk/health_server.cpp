#include "adapters/sdk/health_server.h"

#include <chrono>
#include <httplib.h>
#include <thread>
#include <utility>

#include "adapters/sdk/metrics_text.h"

namespace relais::sdk {

class HealthServer::Impl {
 public:
  int port;
  std::string adapter;
  std::function<Health()> health;
  httplib::Server server;
  std::thread thread;
};

HealthServer::HealthServer(int port, std::string adapter, std::function<Health()> health)
    : impl_(new Impl{port, std::move(adapter), std::move(health), {}, {}}) {
  auto& impl = *impl_;
  // Probes and one scraper: two threads are enough, and nobody may hold them for long.
  impl.server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  // The library would share the port with whoever has it already.
  impl.server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  impl.server.set_read_timeout(5, 0);
  impl.server.set_write_timeout(5, 0);
  impl.server.set_keep_alive_max_count(1);
  impl.server.set_payload_max_length(1u << 10);
  const auto answer = [&impl](httplib::Response& response, bool must_be_ready) {
    const auto now = impl.health();
    const bool good = must_be_ready ? now.ready() : !now.store_failed;
    response.status = good ? 200 : 503;
    response.set_content(health_json(now, impl.adapter), "application/json");
  };
  impl.server.Get("/health",
                  [answer](const httplib::Request&, httplib::Response& response) { answer(response, false); });
  impl.server.Get("/ready", [answer](const httplib::Request&, httplib::Response& response) { answer(response, true); });
  impl.server.Get("/metrics", [&impl](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics_text(impl.health(), impl.adapter), "text/plain; version=0.0.4; charset=utf-8");
  });
}

HealthServer::~HealthServer() { stop(); }

base::Status HealthServer::start() {
  auto& impl = *impl_;
  if (impl.thread.joinable()) return base::Done{};
  if (!impl.server.bind_to_port("127.0.0.1", impl.port))
    return base::refuse(base::RefusalCode::io_failed, "health_port",
                        {{"path", "127.0.0.1:" + std::to_string(impl.port)}, {"why", "the port can not be used"}});
  impl.thread = std::thread([&impl] { impl.server.listen_after_bind(); });
  // stop() would miss a server that is not running yet.
  while (!impl.server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return base::Done{};
}

void HealthServer::stop() {
  auto& impl = *impl_;
  if (!impl.thread.joinable()) return;
  impl.server.stop();
  impl.thread.join();
}

}  // namespace relais::sdk
