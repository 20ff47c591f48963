#include "adapters/files/connector.h"

#include <algorithm>

#include "adapters/files/after_receipt.h"
#include "adapters/files/sent_note.h"

namespace relais::files {

namespace {
constexpr std::size_t kForgetAtOnce = 64;
}

base::Status fit_to(const sdk::AdapterConfig& config, std::vector<ExchangeConfig>& exchanges) {
  for (auto& exchange : exchanges) {
    if (std::ranges::count(config.institutions, exchange.institution, &sdk::ServedInstitution::id) == 0)
      return base::refuse(base::RefusalCode::config_invalid, "exchange.institution",
                          {{"why", exchange.institution + " has no [[relais.institution]]"}});
    exchange.received = config.automatic_receipts ? ReceivedWhen::written : ReceivedWhen::taken;
  }
  return base::Done{};
}

FilesConnector::FilesConnector(const std::vector<ExchangeConfig>& configs, const base::Clock& clock)
    : configs_(configs), clock_(clock) {}

FilesConnector::~FilesConnector() { stop(); }

base::Status FilesConnector::start(sdk::Adapter& adapter) {
  post_ = std::make_unique<AdapterPost>(adapter);
  for (const auto& config : configs_) exchanges_.push_back(std::make_unique<Exchange>(*post_, config, clock_));
  for (const auto& exchange : exchanges_) exchange->start();
  return base::Done{};
}

void FilesConnector::stop() {
  for (const auto& exchange : exchanges_) exchange->stop();
}

Exchange* FilesConnector::exchange_of(std::string_view institution) const {
  const auto found = std::ranges::find_if(exchanges_, [&](const auto& e) { return e->institution() == institution; });
  return found == exchanges_.end() ? nullptr : found->get();
}

sdk::Verdict FilesConnector::on_message(const sdk::Incoming& message) {
  if (auto* const exchange = exchange_of(message.recipient)) return exchange->take(message);
  return sdk::Verdict::retry(std::chrono::minutes(1), "exchange.none");
}

void FilesConnector::on_receipt(const base::MessageId& message, std::uint64_t) {
  send_after_receipt(*post_, message);
  sent_.push_back({sent_key(message.bytes()), std::nullopt});
  if (sent_.size() >= kForgetAtOnce) forget_sent();
}

void FilesConnector::forget_sent() {
  if (post_->store().write(sent_)) sent_.clear();
}

void FilesConnector::on_refused(const base::MessageId&, const v1::Refused&) {
  for (const auto& exchange : exchanges_) exchange->wake();
}

std::vector<ExchangeHealth> FilesConnector::health() const {
  std::vector<ExchangeHealth> all;
  for (const auto& exchange : exchanges_) all.push_back(exchange->health());
  return all;
}

}  // namespace relais::files
