#include "adapters/rdvsp/connector.h"

namespace relais::rdvsp {

namespace {
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
  std::vector<http::Charge> charges;
  for (auto* const exchange : all)
    charges.push_back({exchange->config().institution, [exchange] { return exchange->take_refused(); },
                       [exchange] { return exchange->forget_old(); }});
  caretaker_.start(std::move(charges));
  return base::Done{};
}

void RdvspConnector::stop() {
  for (const auto& exchange : exchanges_) exchange->stop();
  if (server_) server_->stop();
  caretaker_.stop();
}

sdk::Verdict RdvspConnector::on_message(const sdk::Incoming& message) {
  for (const auto& exchange : exchanges_)
    if (exchange->config().institution == message.recipient) return exchange->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

}  // namespace relais::rdvsp
