#include "adapters/http/connector.h"

#include <algorithm>

#include "adapters/files/after_receipt.h"

namespace relais::http {

base::Result<std::vector<Vault>> make_vaults(const Config& config, const sdk::AdapterConfig& adapter) {
  std::vector<Vault> vaults;
  for (const auto& exchange : config.exchanges) {
    auto vault =
        Vault::make(*std::ranges::find(adapter.institutions, exchange.institution, &sdk::ServedInstitution::id));
    if (!vault) return vault.refusal();
    vaults.push_back(std::move(*vault));
  }
  return vaults;
}

HttpConnector::HttpConnector(const Config& config, std::vector<Vault> vaults, const base::Clock& clock)
    : config_(config), vaults_(std::move(vaults)), clock_(clock) {}

HttpConnector::~HttpConnector() { stop(); }

base::Status HttpConnector::start(sdk::Adapter& adapter) {
  post_ = std::make_unique<files::AdapterPost>(adapter);
  questions_ = std::make_unique<AdapterQuestions>(adapter);
  std::vector<Exchange*> all;
  for (std::size_t i = 0; i < config_.exchanges.size(); ++i) {
    const auto& config = config_.exchanges[i];
    exchanges_.push_back(std::make_unique<Exchange>(*post_, *questions_, config, vaults_[i], clock_,
                                                    config.webhook ? new_poster(config.webhook->poster) : nullptr));
    all.push_back(exchanges_.back().get());
  }
  gateway_ = std::make_unique<Gateway>(config_.gateway, all);
  if (auto started = gateway_->start(); !started) return started;
  std::vector<Charge> charges;
  for (auto* const exchange : all)
    charges.push_back({exchange->config().institution,
                       [this, exchange] { return exchange->problems().take_refused(clock_.now()); },
                       [exchange] { return exchange->forget_old(); }});
  caretaker_.start(std::move(charges));
  return base::Done{};
}

void HttpConnector::stop() {
  for (const auto& exchange : exchanges_) exchange->stop();
  if (gateway_) gateway_->stop();
  caretaker_.stop();
}

sdk::Verdict HttpConnector::on_message(const sdk::Incoming& message) {
  for (const auto& exchange : exchanges_)
    if (exchange->config().institution == message.recipient) return exchange->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

void HttpConnector::on_receipt(const base::MessageId& message, std::uint64_t) {
  files::send_after_receipt(*post_, message);
}

void HttpConnector::on_refused(const base::MessageId&, const v1::Refused&) {}

}  // namespace relais::http
