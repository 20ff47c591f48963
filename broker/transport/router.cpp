#include "broker/transport/router.h"

#include <optional>
#include <pthread.h>
#include <thread>
#include <utility>

#include "broker/base/check.h"
#include "broker/transport/router_loop.h"

namespace relais::transport {

namespace {

/// Beside what credit allows in deliveries, room for the receipts and answers that wait with them.
OutboxLimits outbox_limits(const RouterConfig& config) {
  const std::size_t session = std::size_t{config.credit_bytes_max} + 2 * std::size_t{config.frame_bytes_max};
  return {session, std::max(session, config.outbound_bytes_max)};
}

}  // namespace

class Router::Impl {
 public:
  Impl(RouterConfig config, base::SecretKey secret, Listener& listener, const base::Clock& clock)
      : config_(std::move(config)),
        secret_(std::move(secret)),
        listener_(listener),
        clock_(clock),
        outbox_(outbox_limits(config_)) {}

  base::Status start() {
    if (thread_.joinable()) return base::Done{};
    mailbox_.change([](Orders& orders) { orders.stop = false; });
    auto loop = std::make_unique<RouterLoop>(config_, secret_, listener_, clock_, mailbox_, outbox_, counters_);
    if (auto bound = loop->bind(); !bound) return bound;
    endpoint_ = loop->endpoint();
    // The sockets move to their thread with the loop and end there.
    thread_ = std::thread([loop = std::move(loop)] {
      pthread_setname_np(pthread_self(), "transport");
      loop->run();
    });
    return base::Done{};
  }

  void stop() {
    if (!thread_.joinable()) return;
    mailbox_.change([](Orders& orders) { orders.stop = true; });
    thread_.join();
  }

  [[nodiscard]] std::string endpoint() const { return endpoint_; }

  void use_network(const v1::NetworkDefinition& network) {
    auto access = std::make_shared<const AccessList>(network);
    mailbox_.change([&](Orders& orders) { orders.access = std::move(access); });
  }

  bool send(SessionId session, v1::BrokerFrame&& frame) {
    switch (outbox_.push(session, outbox_items(session, std::move(frame), config_.frame_bytes_max))) {
      case Outbox::Pushed::refused:
        return false;
      case Outbox::Pushed::queued:
        return true;
      case Outbox::Pushed::queued_first:
        mailbox_.wake();
        return true;
    }
    base::fail_check("every outcome of a push is handled", std::source_location::current());
  }

  void notify_draining(bool draining) {
    mailbox_.change([draining](Orders& orders) { orders.draining = draining; });
  }

  [[nodiscard]] RouterFigures figures() const {
    return {counters_.sessions_open, counters_.frames_received, counters_.frames_sent, counters_.frames_refused,
            counters_.handshakes_refused};
  }

 private:
  const RouterConfig config_;
  const base::SecretKey secret_;
  Listener& listener_;
  const base::Clock& clock_;
  Mailbox mailbox_;
  Outbox outbox_;
  Counters counters_;
  std::string endpoint_;
  std::thread thread_;
};

Router::Router(RouterConfig config, base::SecretKey transport_secret, Listener& listener, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(transport_secret), listener, clock)) {}

Router::~Router() { stop(); }

base::Status Router::start() { return impl_->start(); }
void Router::stop() { impl_->stop(); }
std::string Router::endpoint() const { return impl_->endpoint(); }
void Router::use_network(const std::shared_ptr<const v1::NetworkDefinition>& network) { impl_->use_network(*network); }
bool Router::send(SessionId session, v1::BrokerFrame&& frame) { return impl_->send(session, std::move(frame)); }
void Router::notify_draining(bool draining) { impl_->notify_draining(draining); }
RouterFigures Router::figures() const { return impl_->figures(); }

}  // namespace relais::transport
