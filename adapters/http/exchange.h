// One institution's side of the gateway: what its software submits, and what it gets.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "adapters/files/post.h"
#include "adapters/http/exchange_config.h"
#include "adapters/http/inbox.h"
#include "adapters/http/item.h"
#include "adapters/http/problem_book.h"
#include "adapters/http/questions.h"
#include "adapters/http/submitter.h"
#include "adapters/http/vault.h"
#include "adapters/http/webhook.h"
#include "adapters/sdk/handler.h"
#include "broker/base/clock.h"

namespace relais::http {

/// Threads: take() on the SDK's handler thread; everything else on any. Everything given outlives it.
class Exchange {
 public:
  /// `poster`: of the configured webhook, or null when there is none.
  Exchange(files::Post& post, Questions& questions, const ExchangeConfig& config, const Vault& vault,
           const base::Clock& clock, std::unique_ptr<Poster> poster);

  /// With a webhook: handled when the software's answer counts as success; otherwise the broker keeps the message and
  /// offers it again. Without one: handled when it is in the inbox, which the SDK's mark makes durable.
  sdk::Verdict take(const sdk::Incoming& message);

  /// Forgets what was remembered for longer than `remember_for`. io.failed.
  base::Status forget_old();

  /// Long polls and the webhook's attempt end soon.
  void stop();
  [[nodiscard]] bool stopping() const { return stopping_; }

  [[nodiscard]] const ExchangeConfig& config() const { return config_; }
  [[nodiscard]] base::Instant now() const { return clock_.now(); }
  [[nodiscard]] files::Post& post() { return post_; }
  [[nodiscard]] Questions& questions() { return questions_; }
  [[nodiscard]] Submitter& submitter() { return submitter_; }
  [[nodiscard]] Inbox& inbox() { return inbox_; }
  [[nodiscard]] ProblemBook& problems() { return problems_; }
  [[nodiscard]] Webhook* webhook() { return webhook_.get(); }

 private:
  void tell_loss(const Item& item);
  sdk::Verdict send(const sdk::Incoming& message, const Item& item, sdk::Notes notes);
  sdk::Verdict not_written(const sdk::Incoming& message, const mapping::Fault& fault);
  [[nodiscard]] std::optional<sdk::Draft> own_receipt(const sdk::Incoming& message) const;

  files::Post& post_;
  Questions& questions_;
  const ExchangeConfig& config_;
  const base::Clock& clock_;
  Submitter submitter_;
  Inbox inbox_;
  ProblemBook problems_;
  mapping::LossLog losses_;
  std::unique_ptr<Webhook> webhook_;
  std::atomic<bool> stopping_{false};
};

}  // namespace relais::http
