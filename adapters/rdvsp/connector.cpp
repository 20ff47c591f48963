#include "adapters/rdvsp/connector.h"

#include "broker/base/log.h"

namespace relais::rdvsp {

namespace {

constexpr std::chrono::seconds kLookForRefusedEvery{1};
constexpr std::chrono::hours kForgetEvery{1};
constexpr std::size_t kAnswerBytesMost = std::size_t{16} << 20;  // a page has 100 appointments with all their people

}  // namespace

base::Status RdvspConnector::start(sdk::Adapter& adapter) {
  post_ = std::make_unique<files::AdapterPost>(adapter);
  questions_ = std::make_unique<http::AdapterQuestions>(adapter);
  std::vector<Exchange*> all;
  for (const auto& config : config_.exchanges) {
    const auto& api = config.api;
    exchanges_.push_back(
        std::make_unique<Exchange>(*post_, *questions_, config, clock_,
                                   http::new_caller({api.target.origin, api.ca_file, api.timeout, kAnswerBytesMost})));
    all.push_back(exchanges_.back().get());
  }
  server_ = std::make_unique<http::WebServer>(config_.server, endpoints(all));
  if (auto started = server_->start(); !started) return started;
  for (const auto& exchange : exchanges_) exchange->start();
  caring_ = std::jthread([this](const std::stop_token& stop) { care(stop); });
  return base::Done{};
}

void RdvspConnector::stop() {
  for (const auto& exchange : exchanges_) exchange->stop();
  if (server_) server_->stop();
  caring_ = {};
}

sdk::Verdict RdvspConnector::on_message(const sdk::Incoming& message) {
  for (const auto& exchange : exchanges_)
    if (exchange->config().institution == message.recipient) return exchange->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

void RdvspConnector::care(const std::stop_token& stop) {
  std::chrono::steady_clock::time_point forget_at;
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    const bool forgets = now >= forget_at;
    if (forgets) forget_at = now + kForgetEvery;
    for (const auto& exchange : exchanges_) {
      auto said = exchange->take_refused();
      if (said && forgets) said = exchange->forget_old();
      if (!said)
        base::log_warning("refusals or old notes wait",
                          {{"institution", exchange->config().institution}, {"code", said.refusal().name()}});
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kLookForRefusedEvery, [] { return false; });
  }
}

}  // namespace relais::rdvsp
