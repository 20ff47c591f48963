#include "adapters/http/connector.h"

#include <algorithm>

#include "adapters/files/sent_note.h"
#include "broker/base/ids.h"
#include "broker/base/log.h"

namespace relais::http {

namespace {
constexpr std::chrono::hours kForgetEvery{1};
// on_refused() is called just before the refusal is among Adapter::refused(); a look at none costs a seek.
constexpr std::chrono::seconds kLookForRefusedEvery{1};
}  // namespace

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
  caring_ = std::jthread([this](const std::stop_token& stop) { care(stop); });
  return base::Done{};
}

void HttpConnector::stop() {
  for (const auto& exchange : exchanges_) exchange->stop();
  if (gateway_) gateway_->stop();
  caring_ = {};
}

sdk::Verdict HttpConnector::on_message(const sdk::Incoming& message) {
  for (const auto& exchange : exchanges_)
    if (exchange->config().institution == message.recipient) return exchange->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

void HttpConnector::on_receipt(const base::MessageId& message, std::uint64_t) {
  const auto after = files::after_receipt_key(message.bytes());
  const auto noted = post_->store().get(after);
  sdk::Draft draft;
  if (!noted || !draft.envelope.ParseFromString(*noted)) return;
  // It may be taken later: the note stays, and when the deadline passes the broker tells people.
  if (const auto sent = post_->submit(std::span(&draft, 1), {{after, std::nullopt}}); !sent)
    base::log_warning("acknowledgement can not be sent",
                      {{"message", base::id_text(message.bytes())}, {"code", sent.refusal().name()}});
}

void HttpConnector::on_refused(const base::MessageId&, const v1::Refused&) {}

void HttpConnector::take_refused() {
  for (const auto& exchange : exchanges_)
    if (const auto said = exchange->problems().take_refused(clock_.now()); !said)
      base::log_warning("refusals wait",
                        {{"institution", exchange->config().institution}, {"code", said.refusal().name()}});
}

void HttpConnector::care(const std::stop_token& stop) {
  std::chrono::steady_clock::time_point forget_at;
  while (!stop.stop_requested()) {
    take_refused();
    if (const auto now = std::chrono::steady_clock::now(); now >= forget_at) {
      forget_at = now + kForgetEvery;
      for (const auto& exchange : exchanges_)
        if (const auto said = exchange->forget_old(); !said)
          base::log_warning("old notes stay", {{"code", said.refusal().name()}});
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kLookForRefusedEvery, [] { return false; });
  }
}

}  // namespace relais::http
